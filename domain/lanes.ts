import type { Complexity } from './video.ts';

export const LANES = ['gpu', 'cpu'] as const;
/** Where a video is produced: each lane is one kind of machine power with its own task queue. */
export type Lane = (typeof LANES)[number];

/** Worker slots per machine: how many stages of a lane one worker runs at once. */
export const LANE_SLOTS: Record<Lane, number> = { gpu: 3, cpu: 4 };

/** Slots of the queue for stages that mostly wait for the network; they hold no lane slot. */
export const IO_SLOTS = 16;

/** Threads and memory that one software encode needs; a lane offers no more places than fit. */
const CORES_PER_JOB = 3;
export const CPU_JOB_BYTES = 8 * 1024 ** 3;

export interface Machine {
  cores: number;
  memoryBytes: number;
  /** True when the lane's encoder runs on a graphics card, so that cores do not bound it. */
  hardwareEncoder: boolean;
}

/**
 * Places that a worker offers on a lane: its slots where a GPU encodes, else
 * min(slots, ⌊cores / 3⌋, memory / 8 GiB), at least 1 (design §3: on two cores, 1 + 1).
 */
export function placesOffered(lane: Lane, machine: Machine, slots: number = LANE_SLOTS[lane]): number {
  if (machine.hardwareEncoder) return slots;
  const byCores = Math.floor(machine.cores / CORES_PER_JOB);
  const byMemory = Math.floor(machine.memoryBytes / CPU_JOB_BYTES);
  return Math.max(1, Math.min(slots, byCores, byMemory));
}

/** Threads that one render may use. */
export function threadsPerJob(cores: number): number {
  return Math.max(1, Math.min(CORES_PER_JOB, cores));
}

export type FreePlaces = Record<Lane, number>;

/**
 * The lane that a video of this complexity would be admitted to now, or null if it has to wait:
 * simple → cpu, complex → gpu, premium → gpu when a place is free, else cpu.
 */
export function laneFor(complexity: Complexity, free: FreePlaces): Lane | null {
  if (complexity === 'simple') return free.cpu > 0 ? 'cpu' : null;
  if (free.gpu > 0) return 'gpu';
  return complexity === 'premium' && free.cpu > 0 ? 'cpu' : null;
}
