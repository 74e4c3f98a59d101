import { closeSync, fstatSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { readEnv } from '../settings/env.ts';
import { type LogLimits, logLimits } from '../settings/retention-config.ts';

const NEWLINE = 0x0a;
/** What has no line end for so long is written as it is. */
const MAX_LINE_BYTES = 1024 ** 2;

/** The log of one program of the stack. */
export interface LogPlace extends LogLimits {
  path: string;
}

/** `logs/NAME.log` of a data folder, with the limits of an environment. */
export function logPlace(place: { dataDir: string; env: NodeJS.ProcessEnv }, name: string): LogPlace {
  return { path: join(place.dataDir, 'logs', `${name}.log`), ...logLimits(readEnv(place.env)) };
}

/**
 * A file that whole lines are appended to. Before it would grow beyond `maxBytes` it becomes `PATH.1`, and that one
 * `PATH.2`, up to `keep`. Its writer never fails for it: what a full disk refuses is counted, and told once there is
 * room. One process alone may write it.
 */
export class LogFile {
  readonly #place: LogPlace;
  #fd: number;
  #bytes: number;
  #lost = 0;

  /** Throws when the file cannot be opened. */
  constructor(place: LogPlace) {
    this.#place = place;
    mkdirSync(dirname(place.path), { recursive: true });
    this.#fd = openSync(place.path, 'a', 0o600);
    this.#bytes = fstatSync(this.#fd).size;
  }

  /** Appends a piece that ends with a line, or lines. */
  write(lines: Buffer | string): void {
    let rest = Buffer.from(lines);
    try {
      this.#tellLoss();
      while (rest.length > 0) {
        const fitting = this.#fittingIn(rest);
        if (fitting === 0) this.#rotate();
        else this.#append(rest.subarray(0, fitting));
        rest = rest.subarray(fitting);
      }
    } catch {
      this.#lost += rest.length;
    }
  }

  close(): void {
    closeSync(this.#fd);
  }

  /** Bytes of the whole lines that the file takes; in an empty one the first line always fits. */
  #fittingIn(lines: Buffer): number {
    const room = this.#place.maxBytes - this.#bytes;
    if (lines.length <= room) return lines.length;
    const fitting = room > 0 ? lines.lastIndexOf(NEWLINE, room - 1) + 1 : 0;
    if (fitting > 0 || this.#bytes > 0) return fitting;
    return lines.indexOf(NEWLINE) + 1 || lines.length;
  }

  #append(lines: Buffer): void {
    this.#bytes += writeSync(this.#fd, lines);
  }

  #rotate(): void {
    const { path, keep } = this.#place;
    rmSync(`${path}.${keep}`, { force: true });
    for (let number = keep - 1; number >= 0; number--)
      renameIfThere(nameOf(path, number), nameOf(path, number + 1));
    // Opened first: of a file that cannot be opened the old one goes on.
    const next = openSync(path, 'a', 0o600);
    closeSync(this.#fd);
    this.#fd = next;
    this.#bytes = 0;
  }

  #tellLoss(): void {
    if (this.#lost === 0) return;
    this.#append(Buffer.from(`${this.#lost} bytes of this log were lost: it could not be written\n`));
    this.#lost = 0;
  }
}

function nameOf(path: string, number: number): string {
  return number === 0 ? path : `${path}.${number}`;
}

function renameIfThere(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

/** Writes what a program says into its log, line by line, so that its two streams break into no line of each other. */
export function logLines(from: Readable, log: LogFile): void {
  let begun = Buffer.alloc(0);
  from.on('data', (chunk: Buffer) => {
    const all = Buffer.concat([begun, chunk]);
    const end = all.lastIndexOf(NEWLINE) + 1 || (all.length > MAX_LINE_BYTES ? all.length : 0);
    if (end > 0) log.write(all.subarray(0, end));
    begun = all.subarray(end);
  });
  from.on('end', () => {
    if (begun.length > 0) log.write(Buffer.concat([begun, Buffer.of(NEWLINE)]));
  });
  // A program that is killed while it writes breaks its pipe; its end is told by its exit.
  from.on('error', () => undefined);
}
