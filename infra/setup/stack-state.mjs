import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** True when the supervisor named by the data folder's lock lives; a process that got its number does not count. */
export function isStackUp(dataDir) {
  try {
    const { pid, mark } = JSON.parse(readFileSync(join(dataDir, 'lock.json'), 'utf8'));
    return commandLine(pid).includes(mark);
  } catch {
    return false;
  }
}

function commandLine(pid) {
  if (process.platform === 'linux') return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  return execFileSync('ps', ['-ww', '-p', String(pid), '-o', 'command='], { encoding: 'utf8' });
}
