import { readdirSync, readFileSync } from 'node:fs';

const EVERY_MS = 100;

/**
 * Watches the programs that this process runs; the function returned stops it and tells the largest resident
 * size that one of them had, in bytes. The kernel keeps the peak, so only a program's last tenth of a second
 * can be missed.
 */
export function watchChildren(): () => number {
  let peak = 0;
  const timer = setInterval(() => {
    for (const pid of readdirSync('/proc').filter((name) => /^\d+$/u.test(name)))
      peak = Math.max(peak, peakOfChild(pid));
  }, EVERY_MS);
  return () => {
    clearInterval(timer);
    return peak;
  };
}

function peakOfChild(pid: string): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    if (Number(/^PPid:\s+(\d+)/mu.exec(status)?.[1]) !== process.pid) return 0;
    return Number(/^VmHWM:\s+(\d+) kB/mu.exec(status)?.[1] ?? 0) * 1024;
  } catch {
    // It ended between the listing and the look.
    return 0;
  }
}
