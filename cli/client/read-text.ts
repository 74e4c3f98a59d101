import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { MAX_ARTICLE_BYTES, MAX_SCRIPT_CHARS, textFault } from '../../domain/order-limits.ts';
import { badInput } from './cli-error.ts';

const BOUNDS = {
  article: { bytes: MAX_ARTICLE_BYTES },
  script: { chars: MAX_SCRIPT_CHARS },
} as const;

/** Never reads more than this of a file or pipe, however long it is. */
const MOST_BYTES = { article: MAX_ARTICLE_BYTES, script: MAX_SCRIPT_CHARS * 4 };

/**
 * Text of an article or script; '-' is standard input. Throws a CliError for a file that cannot be read, is
 * too long, or is not text.
 */
export async function readText(option: 'article' | 'script', file: string, stdin: Readable): Promise<string> {
  const what = file === '-' ? `--${option} -` : `--${option} ${file}`;
  const bytes = file === '-' ? await readUpTo(stdin, option) : await readFileUpTo(what, option, file);
  if (bytes.length > MOST_BYTES[option]) throw tooLong(what, option, bytes.length);
  const text = decode(bytes);
  const fault = text === null ? 'is not text as UTF-8 (it looks binary)' : textFault(text, BOUNDS[option]);
  if (text === null || fault) throw badInput(what, fault ?? '', 'give a plain text or Markdown file');
  return text;
}

async function readFileUpTo(what: string, option: 'article' | 'script', file: string): Promise<Buffer> {
  try {
    const { size } = await stat(file);
    if (size > MOST_BYTES[option]) throw tooLong(what, option, size);
    return await readUpTo(createReadStream(file), option);
  } catch (error) {
    const why = FILE_FAULTS[(error as NodeJS.ErrnoException).code ?? ''];
    if (why) throw badInput(what, why, 'check the path');
    throw error;
  }
}

const FILE_FAULTS: Record<string, string> = {
  ENOENT: 'there is no such file',
  ENOTDIR: 'there is no such file',
  EISDIR: 'is a folder',
  EACCES: 'may not be read',
  ENAMETOOLONG: 'the name is too long',
};

async function readUpTo(stream: Readable, option: 'article' | 'script'): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream) {
    chunks.push(Buffer.from(chunk as Uint8Array));
    size += (chunk as Uint8Array).length;
    if (size > MOST_BYTES[option]) break;
  }
  return Buffer.concat(chunks);
}

function decode(bytes: Buffer): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}

function tooLong(what: string, option: 'article' | 'script', bytes: number) {
  const most =
    option === 'article' ? `${MAX_ARTICLE_BYTES / 1024} kB` : `${MAX_SCRIPT_CHARS} characters of narration`;
  return badInput(
    what,
    `is ${Math.ceil(bytes / 1024)} kB or more, the most is ${most}`,
    'shorten it or make several videos of it',
  );
}
