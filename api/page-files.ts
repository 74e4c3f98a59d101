import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';

const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=UTF-8',
  '.js': 'text/javascript; charset=UTF-8',
  '.css': 'text/css; charset=UTF-8',
  '.svg': 'image/svg+xml',
};

export interface PageFile {
  type: string;
  content: Buffer<ArrayBuffer>;
  gzipped: Buffer<ArrayBuffer>;
}

/** The operator's page as it was built. */
export interface PageFiles {
  index: PageFile;
  /** SHA-256 in base64 of the one inline script of the index. */
  scriptSha256: string;
  /** By name; a name holds a hash of its content. */
  assets: ReadonlyMap<string, PageFile>;
}

/** Reads the built page into memory, compressed once; null when it is not built. */
export async function readPageFiles(folder: string): Promise<PageFiles | null> {
  const names = await readdir(folder).catch((): string[] => []);
  if (!names.includes('index.html')) return null;
  const files = await Promise.all(
    names
      .filter((name) => extname(name) in TYPES)
      .map(async (name) => [name, await readPageFile(join(folder, name))] as const),
  );
  const assets = new Map(files);
  const index = assets.get('index.html');
  if (!index) return null;
  assets.delete('index.html');
  const inline = /<script>([\s\S]*?)<\/script>/.exec(index.content.toString())?.[1] ?? '';
  return { index, assets, scriptSha256: createHash('sha256').update(inline).digest('base64') };
}

async function readPageFile(path: string): Promise<PageFile> {
  const content = await readFile(path);
  const gzipped = (await promisify(gzip)(content, { level: 9 })) as Buffer<ArrayBuffer>;
  return { type: TYPES[extname(path)] ?? '', content, gzipped };
}
