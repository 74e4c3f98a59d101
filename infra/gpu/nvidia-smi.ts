import { type ChildProcess, execFile } from 'node:child_process';
import { childEnvironment } from '../settings/env.ts';

/** What nvidia-smi says of a card; null where it says nothing that is a number. */
export interface GpuReading {
  name: string;
  /** GPU-… or MIG-…; null where the driver tells none. */
  uuid: string | null;
  memoryTotalBytes: number | null;
  memoryUsedBytes: number | null;
  memoryFreeBytes: number | null;
  /** Percent of the last sample period in which the card worked. */
  utilisation: number | null;
  /** Degrees Celsius. */
  temperature: number | null;
}

const FIELDS = [
  'name',
  'uuid',
  'memory.total',
  'memory.used',
  'memory.free',
  'utilization.gpu',
  'temperature.gpu',
];
const MIB = 1024 ** 2;
const ANSWER_MS = 5_000;
const MAX_ANSWER_CHARS = 64 * 1024;

/**
 * The first card of an answer of `nvidia-smi --query-gpu=… --format=csv,noheader,nounits`. Throws an Error when it
 * holds none: an error message is printed in its place.
 */
export function parseGpu(answer: string): GpuReading {
  const cells = (answer.split('\n')[0] ?? '').split(',').map((cell) => cell.trim());
  // A name may hold a comma, the other fields hold none.
  const name = cells.splice(0, cells.length - FIELDS.length + 1).join(', ');
  const [uuid = '', ...numbers] = cells;
  if (name === '' || cells.length !== FIELDS.length - 1) {
    throw new Error(`nvidia-smi answered "${answer.trim().slice(0, 200)}"`);
  }
  const [total, used, free, utilisation, temperature] = numbers.map(numberIn);
  return {
    name,
    uuid: /^(GPU|MIG)-[\w/-]+$/.test(uuid) ? uuid : null,
    memoryTotalBytes: bytesOf(total),
    memoryUsedBytes: bytesOf(used),
    memoryFreeBytes: bytesOf(free),
    utilisation: utilisation ?? null,
    temperature: temperature ?? null,
  };
}

/** N/A, [N/A], [Not Supported], [Unknown Error], ERR!: whatever is no number is not known. */
function numberIn(cell: string): number | null {
  return /^\d+(\.\d+)?$/.test(cell) ? Number(cell) : null;
}

function bytesOf(mebibytes: number | null | undefined): number | null {
  return mebibytes === null || mebibytes === undefined ? null : mebibytes * MIB;
}

/** Programs whose last process was killed and still lives. */
const hanging = new Set<string>();

/**
 * Asks nvidia-smi for a card: the one of that index or UUID, else the first. Throws an Error when it is missing, fails,
 * or has not answered within `answerMs`; it is killed then, and not waited for, since one that hangs in the driver
 * cannot die. As long as it lives the program is not started again.
 */
export async function queryGpu(
  program: string,
  card: string | null,
  answerMs = ANSWER_MS,
): Promise<GpuReading> {
  if (hanging.has(program)) throw new Error('nvidia-smi hangs, and cannot be ended');
  const which = card === null ? [] : ['-i', card];
  const args = [`--query-gpu=${FIELDS.join(',')}`, '--format=csv,noheader,nounits', ...which];
  return parseGpu(await answerOf(program, args, answerMs));
}

function answerOf(program: string, args: readonly string[], answerMs: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = execFile(
      program,
      args,
      { maxBuffer: MAX_ANSWER_CHARS, env: { PATH: childEnvironment['PATH'] } },
      (error, stdout) => {
        clearTimeout(timer);
        if (error) reject(new Error(`nvidia-smi failed: ${stdout.trim() || error.message}`.slice(0, 300)));
        else resolve(stdout);
      },
    );
    const timer = setTimeout(() => {
      giveUp(child, program);
      reject(new Error(`nvidia-smi gave no answer within ${answerMs / 1000} s`));
    }, answerMs);
  });
}

/** Lets this process end without the child, whatever still holds its output. */
function giveUp(child: ChildProcess, program: string): void {
  if (child.exitCode === null && child.signalCode === null) {
    hanging.add(program);
    child.once('exit', () => hanging.delete(program));
  }
  child.kill('SIGKILL');
  child.unref();
  child.stdout?.destroy();
  child.stderr?.destroy();
}
