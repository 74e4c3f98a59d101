import { readFile } from 'node:fs/promises';
import { cpus, freemem, totalmem } from 'node:os';
import type { GpuReading } from '../gpu/nvidia-smi.ts';

/** How a machine does; its lane workers publish it with each renewal. */
export interface MachineFigures {
  /** Share of all cores that worked since the figures before. */
  cpu_percent: number;
  memory_total_mb: number;
  memory_available_mb: number;
  gpu: GpuFigures | null;
}

export interface GpuFigures {
  gpu_name: string;
  gpu_memory_used_mb: number | null;
  gpu_memory_total_mb: number | null;
  gpu_utilization: number | null;
  gpu_temperature: number | null;
}

const MIB = 1024 ** 2;

/** Measures from one call to the next. */
export function createMachineFigures(): (gpu: GpuReading | null) => Promise<MachineFigures> {
  let before = coreTimes();
  return async (gpu) => {
    const now = coreTimes();
    const [busy, all] = [now.busy - before.busy, now.all - before.all];
    before = now;
    return {
      cpu_percent: all > 0 ? Math.round((1000 * busy) / all) / 10 : 0,
      memory_total_mb: Math.floor(totalmem() / MIB),
      memory_available_mb: Math.floor((await availableBytes()) / MIB),
      gpu: gpu && figuresOf(gpu),
    };
  };
}

function figuresOf({ name, memoryUsedBytes, memoryTotalBytes, utilisation, temperature }: GpuReading) {
  const megabytes = (bytes: number | null) => (bytes === null ? null : Math.round(bytes / MIB));
  return {
    gpu_name: name,
    gpu_memory_used_mb: megabytes(memoryUsedBytes),
    gpu_memory_total_mb: megabytes(memoryTotalBytes),
    gpu_utilization: utilisation,
    gpu_temperature: temperature,
  };
}

function coreTimes(): { busy: number; all: number } {
  const times = cpus().map(({ times: { user, nice, sys, idle, irq } }) => ({
    busy: user + nice + sys + irq,
    idle,
  }));
  const busy = times.reduce((sum, core) => sum + core.busy, 0);
  return { busy, all: times.reduce((sum, core) => sum + core.idle, busy) };
}

/** What programs could still have: on Linux that is more than what is free, since caches are given up. */
async function availableBytes(): Promise<number> {
  const info = await readFile('/proc/meminfo', 'utf8').catch(() => '');
  const kibibytes = /^MemAvailable: +(\d+) kB$/m.exec(info)?.[1];
  return kibibytes === undefined ? freemem() : Number(kibibytes) * 1024;
}
