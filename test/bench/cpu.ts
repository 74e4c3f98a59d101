import { readFileSync } from 'node:fs';

/** CPU seconds (user + system) of this process, and of its children that have ended. */
export interface CpuSeconds {
  own: number;
  children: number;
}

/** Linux counts in hundredths of a second for all programs (proc(5), USER_HZ). */
const TICKS_PER_SECOND = 100;

/** Reads the process's accounts; children count once they were waited for, with all their own children. */
export function cpuNow(): CpuSeconds {
  const text = readFileSync('/proc/self/stat', 'utf8');
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const at = (index: number) => Number(fields[index]) / TICKS_PER_SECOND;
  return { own: at(11) + at(12), children: at(13) + at(14) };
}

export function cpuSince(before: CpuSeconds): CpuSeconds {
  const now = cpuNow();
  return { own: now.own - before.own, children: now.children - before.children };
}
