import { cpus } from 'node:os';

/** Tells, when asked, which share of all cores has been busy since; other programs count too. */
export function watchCores(): () => number {
  const from = readCores();
  return () => {
    const to = readCores();
    return (to.busy - from.busy) / (to.all - from.all);
  };
}

function readCores(): { busy: number; all: number } {
  const times = cpus().map((core) => core.times);
  const all = times.reduce((sum, { user, nice, sys, idle, irq }) => sum + user + nice + sys + idle + irq, 0);
  return { busy: all - times.reduce((sum, { idle }) => sum + idle, 0), all };
}
