import { readdirSync, readFileSync } from 'node:fs';

/** Hundredths of a second (proc(5), USER_HZ). */
const MS_PER_TICK = 10;

/** CPU milliseconds (user + system) of this process, and of the servers that it has started. */
export interface TreeCpu {
  own: number;
  servers: number;
}

/** Reads the accounts of this process and of all that descend from it: unlike wall time, other programs hardly change them. */
export function treeCpu(): TreeCpu {
  const processes = new Map(readdirSync('/proc').flatMap((name) => readProcess(Number(name))));
  const sum: TreeCpu = { own: 0, servers: 0 };
  for (const [pid, { ms }] of processes) {
    if (pid === process.pid) sum.own += ms;
    else if (descends(processes, pid)) sum.servers += ms;
  }
  return sum;
}

/** CPU since `before`, divided by `count` videos. */
export function treeCpuSince(before: TreeCpu, count: number): TreeCpu {
  const now = treeCpu();
  return { own: (now.own - before.own) / count, servers: (now.servers - before.servers) / count };
}

interface ProcessCpu {
  parent: number;
  ms: number;
}

function descends(processes: ReadonlyMap<number, ProcessCpu>, pid: number): boolean {
  for (let at = pid; at > 1; at = processes.get(at)?.parent ?? 0) if (at === process.pid) return true;
  return false;
}

/** Empty for what is no process, or has just ended. */
function readProcess(pid: number): [number, ProcessCpu][] {
  if (!Number.isInteger(pid)) return [];
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = text
      .slice(text.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number);
    const at = (index: number) => fields[index] ?? 0;
    // Children that have ended count with their parent: Postgres has a process for each connection.
    return [[pid, { parent: at(1), ms: (at(11) + at(12) + at(13) + at(14)) * MS_PER_TICK }]];
  } catch {
    return [];
  }
}
