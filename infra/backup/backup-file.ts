import { createReadStream, createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import { z } from 'zod';
import { BackupError } from './backup-error.ts';
import type { BackupTable } from './tables.ts';

/** First line of a backup. */
export interface BackupHead {
  format: 'ytempire-backup-1';
  /** ISO 8601; the moment that all of it is of. */
  made_at: string;
  migrations: string[];
  tables: BackupTable[];
}

/** Last line: a backup without it is not whole. */
export interface BackupEnd {
  rows: Record<string, number>;
}

/** A row: the number of its table in the head, and each column as Postgres writes it as text. */
export type BackupRow = [table: number, ...values: (string | null)[]];

export type BackupLine = BackupHead | BackupRow | BackupEnd;

/** Writes a file that only its owner may read; another of this name is there, or all of the new one. */
export async function writeBackupFile(path: string, lines: AsyncIterable<string>): Promise<void> {
  const draft = `${path}.draft-${process.pid}`;
  try {
    const file = createWriteStream(draft, { mode: 0o600, flush: true });
    await pipeline(Readable.from(lines), createGzip(), file);
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}

/** The lines of a backup. Throws a BackupError for a file that is none, or is damaged. */
export async function* readBackupFile(path: string): AsyncGenerator<BackupLine> {
  const unpacked = createGunzip();
  const read = pipeline(createReadStream(path), unpacked);
  // Told where the lines end; until then it is nobody's.
  read.catch(() => undefined);
  try {
    for await (const line of createInterface({ input: unpacked, crlfDelay: Number.POSITIVE_INFINITY })) {
      const parsed: unknown = JSON.parse(line);
      if (typeof parsed !== 'object' || parsed === null) throw new Error('a line holds no row');
      yield parsed as BackupLine;
    }
    await read;
  } catch (error) {
    throw new BackupError(`${path} is no whole backup: ${(error as Error).message}`);
  }
}

/** A line of its own, whatever the values hold: some readers end a line at these two as well. */
export function lineOf(line: BackupLine): string {
  return `${JSON.stringify(line).replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029')}\n`;
}

const head = z.object({
  format: z.literal('ytempire-backup-1'),
  made_at: z.string(),
  migrations: z.array(z.string()),
  tables: z.array(
    z.object({ name: z.string(), columns: z.array(z.object({ name: z.string(), type: z.string() })).min(1) }),
  ),
});

export function isHead(line: unknown): line is BackupHead {
  return head.safeParse(line).success;
}

export function isEnd(line: BackupLine): line is BackupEnd {
  return !Array.isArray(line) && 'rows' in line;
}

export function isRow(line: BackupLine): line is BackupRow {
  return Array.isArray(line) && typeof line[0] === 'number';
}
