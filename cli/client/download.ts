import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, readFile, rename, rm, rmdir, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { StatusAnswer } from './api-client.ts';
import { CliError, EXIT } from './cli-error.ts';
import { send } from './http.ts';
import { outFault } from './out-folder.ts';
import { slugOf } from './slug.ts';

interface RemoteFile {
  name: string;
  url: URL;
  sha256: string;
  bytes: number;
}

export interface DownloadRequest {
  api: string;
  videoId: string;
  artifacts: StatusAnswer['artifacts'];
  out: string;
  signal: AbortSignal;
}

/**
 * Fetches the upload package into OUT/<slug>-<id8> and returns that folder. Every file is checked against its
 * sha256; the folder appears whole or not at all. Throws a CliError otherwise.
 */
export async function downloadPackage(request: DownloadRequest): Promise<string> {
  const out = resolve(request.out);
  const part = join(out, `${request.videoId}.part`);
  const made = await mkdir(out, { recursive: true }).catch((error) => {
    throw writeFailure(error, out);
  });
  try {
    const files = remoteFiles(request);
    await rm(part, { recursive: true, force: true });
    await mkdir(part);
    for (const file of files) await fetchFile(file, join(part, file.name), request.signal);
    return await publish(part, out, request.videoId, files);
  } catch (error) {
    await rm(part, { recursive: true, force: true });
    if (made) await removeEmpty(out, made);
    if (error instanceof CliError || request.signal.aborted) throw error;
    throw writeFailure(error, out);
  }
}

/** Removes the empty folders that were made for this download, from `folder` up to `topmost`. */
async function removeEmpty(folder: string, topmost: string): Promise<void> {
  const gone = await rmdir(folder).then(
    () => true,
    () => false,
  );
  if (gone && folder !== resolve(topmost)) await removeEmpty(dirname(folder), topmost);
}

function remoteFiles({ api, artifacts, videoId }: DownloadRequest): RemoteFile[] {
  const files = Object.entries(artifacts).map(([name, { url, sha256, bytes }]) => {
    // The name becomes a path here: it must stay one.
    if (!/^[a-z0-9_-]+\.[a-z0-9]+$/.test(name)) throw new CliError(EXIT.failed, `bad file name ${name}`);
    return { name, url: new URL(url, api), sha256, bytes };
  });
  if (files.length === 0) throw new CliError(EXIT.failed, `video ${videoId} has no files`);
  return files;
}

async function fetchFile(file: RemoteFile, path: string, signal: AbortSignal): Promise<void> {
  const answer = await send(file.url, { signal });
  if (answer.statusCode !== 200) {
    answer.resume();
    throw damaged(file.name, `the API answered ${answer.statusCode}`);
  }
  const hash = createHash('sha256');
  await pipeline(
    answer,
    async function* (chunks: AsyncIterable<Buffer>) {
      for await (const chunk of chunks) {
        hash.update(chunk);
        yield chunk;
      }
    },
    createWriteStream(path, { flags: 'wx' }),
    { signal },
  );
  if (hash.digest('hex') !== file.sha256)
    throw damaged(file.name, 'its sha256 is not the one it was made with');
}

/** A folder that holds the very same files already is the answer; another one of that name is left alone. */
async function publish(part: string, out: string, videoId: string, files: RemoteFile[]): Promise<string> {
  const name = `${slugOf(await titleIn(part))}-${videoId.slice(0, 8)}`;
  for (let copy = 1; ; copy += 1) {
    const folder = join(out, copy === 1 ? name : `${name}-${copy}`);
    if (!(await exists(folder))) {
      await rename(part, folder);
      return folder;
    }
    if (await holds(folder, files)) {
      await rm(part, { recursive: true });
      return folder;
    }
  }
}

async function titleIn(folder: string): Promise<string> {
  const text = await readFile(join(folder, 'metadata.json'), 'utf8').catch(() => '{}');
  try {
    const { title } = JSON.parse(text) as { title?: unknown };
    return typeof title === 'string' ? title : '';
  } catch {
    return '';
  }
}

async function holds(folder: string, files: RemoteFile[]): Promise<boolean> {
  for (const file of files) {
    const hash = createHash('sha256');
    const read = pipeline(createReadStream(join(folder, file.name)), hash);
    const ok = await read.then(
      () => hash.digest('hex') === file.sha256,
      () => false,
    );
    if (!ok) return false;
  }
  return true;
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

function damaged(name: string, why: string): CliError {
  return new CliError(
    EXIT.failed,
    `${name} could not be fetched: ${why}; nothing was kept, try again with --watch`,
  );
}

function writeFailure(error: unknown, out: string): CliError {
  const { syscall, message } = error as NodeJS.ErrnoException;
  const why = syscall && !/connect|read/.test(syscall) ? outFault(error, out) : message;
  return new CliError(
    EXIT.failed,
    `the files could not be put into ${out}: ${why}; try again with --watch`,
    error,
  );
}
