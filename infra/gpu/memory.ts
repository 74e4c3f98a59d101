import { GPU_SPARE_BYTES } from '../../domain/gpu.ts';

/** A job that wants memory of the card; `run` is its row in `stage_runs`. */
export interface GpuJob {
  run: number;
  videoId: string;
  stage: string;
  bytes: number;
}

/** A grant, as it is published in `lane_workers`. */
export interface GpuReservation {
  run: number;
  video_id: string;
  stage: string;
  bytes: number;
  /** ISO 8601. */
  since: string;
}

/** The memory of a worker's card: who may use how much of it, first come, first served. */
export interface GpuMemory {
  /**
   * Waits until the job's bytes are free, and resolves with the function that gives them back, which may be called
   * more than once. Throws the signal's reason when it aborts meanwhile; nothing is reserved then.
   */
  take(job: GpuJob, signal: AbortSignal): Promise<() => void>;
  reservations(): GpuReservation[];
  /** Jobs that wait. */
  waiting(): number;
  /** Frees reservations whatever their jobs do; for jobs that are gone. Returns how many there were. */
  free(runs: readonly number[]): number;
}

export interface GpuMemoryOptions {
  budgetBytes: number;
  /** Most jobs at once. */
  most: number;
  /** What the card says is free; null = it does not say. */
  freeBytes(): Promise<number | null>;
  /** Time between two looks at the card while a job waits for another program's memory. */
  recheckMs: number;
}

interface Waiter {
  bytes: number;
  grant(): void;
}

/** A job that wants more than the whole budget gets the whole. */
export function createGpuMemory(options: GpuMemoryOptions): GpuMemory {
  const held = new Map<number, GpuReservation>();
  const queue: Waiter[] = [];
  const reserved = () => [...held.values()].reduce((sum, { bytes }) => sum + bytes, 0);
  const pump = pumpOf(queue, async ({ bytes }) => {
    if (held.size >= options.most || reserved() + bytes > options.budgetBytes) return false;
    const free = await options.freeBytes();
    return free === null || bytes <= free - GPU_SPARE_BYTES;
  });
  const free = (run: number) => {
    if (held.delete(run)) void pump();
  };
  return {
    async take({ run, videoId, stage, bytes: wanted }, signal) {
      const bytes = Math.min(wanted, options.budgetBytes);
      await turn(queue, pump, options.recheckMs, bytes, signal, () =>
        held.set(run, { run, video_id: videoId, stage, bytes, since: new Date().toISOString() }),
      );
      return () => free(run);
    },
    reservations: () => [...held.values()],
    waiting: () => queue.length,
    free(runs) {
      const known = runs.filter((run) => held.has(run));
      known.forEach(free);
      return known.length;
    },
  };
}

/**
 * Grants the head of the queue while it fits. One pass at a time: two could both see the same bytes free, and a small
 * job could slip past a large one that waits for them.
 */
function pumpOf(queue: Waiter[], fits: (waiter: Waiter) => Promise<boolean>): () => Promise<void> {
  let [running, again] = [false, false];
  return async () => {
    again = true;
    if (running) return;
    running = true;
    while (again) {
      again = false;
      const head = queue[0];
      // It may have given up while the card was asked.
      if (head && (await fits(head)) && queue[0] === head) {
        queue.shift();
        head.grant();
        again = true;
      } else if (queue[0] !== head) again = true;
    }
    running = false;
  };
}

/** Waits in the queue for its turn; `reserve` runs in the same step in which it is granted. */
function turn(
  queue: Waiter[],
  pump: () => Promise<void>,
  recheckMs: number,
  bytes: number,
  signal: AbortSignal,
  reserve: () => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const recheck = setInterval(() => void pump(), recheckMs);
    const leave = () => {
      clearInterval(recheck);
      queue.splice(queue.indexOf(waiter), 1);
      reject(signal.reason);
      void pump();
    };
    const waiter: Waiter = {
      bytes,
      grant() {
        clearInterval(recheck);
        signal.removeEventListener('abort', leave);
        reserve();
        resolve();
      },
    };
    signal.addEventListener('abort', leave);
    queue.push(waiter);
    void pump();
  });
}
