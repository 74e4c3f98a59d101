import { readFile, stat } from 'node:fs/promises';
import { extname } from 'node:path';
import { badInput } from '../client/cli-error.ts';
import { readCsv } from './csv.ts';
import type { FileContent } from './file-order.ts';
import { readMarkdown } from './markdown.ts';

const MOST_BYTES = 20_000_000;
const READERS: Record<string, (text: string, defaults: Record<string, unknown>) => FileContent> = {
  '.csv': readCsv,
  '.md': readMarkdown,
  '.markdown': readMarkdown,
};

/**
 * Reads a CSV file or a Markdown list of orders; `defaults` are the fields of those that do not give them. Throws a
 * CliError for a file that is none of these.
 */
export async function readOrderFile(file: string, defaults: Record<string, unknown>): Promise<FileContent> {
  const reader = READERS[extname(file).toLowerCase()];
  const what = `--file ${file}`;
  if (reader === undefined)
    throw badInput(what, 'is neither CSV nor Markdown', 'its name must end in .csv or .md');
  const text = decode(await read(file, what));
  if (text === null) throw badInput(what, 'is not text as UTF-8', 'save it as UTF-8');
  const content = reader(text, defaults);
  if ('orders' in content && content.orders.length === 0)
    throw badInput(what, 'holds no order', 'see examples/topics.csv and examples/topics.md');
  return content;
}

async function read(file: string, what: string): Promise<Buffer> {
  try {
    if ((await stat(file)).size > MOST_BYTES) throw badInput(what, 'is larger than 20 MB', 'part it');
    return await readFile(file);
  } catch (error) {
    const { code, syscall } = error as NodeJS.ErrnoException;
    if (!syscall) throw error;
    throw badInput(
      what,
      code === 'ENOENT' ? 'there is no such file' : `cannot be read (${code})`,
      'check the path',
    );
  }
}

function decode(bytes: Buffer): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}
