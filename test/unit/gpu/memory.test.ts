import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { GIB, GPU_BUDGET_BYTES, gpuBudget, gpuNeed } from '../../../domain/gpu.ts';
import { createGpuMemory, type GpuMemory } from '../../../infra/gpu/memory.ts';

const SLOTS = 3;

function memoryOf(freeBytes: () => Promise<number | null> = async () => null): GpuMemory {
  return createGpuMemory({ budgetBytes: GPU_BUDGET_BYTES, most: SLOTS, freeBytes, recheckMs: 5 });
}

const never = new AbortController().signal;
const job = (run: number, gibibytes: number) => ({
  run,
  videoId: `video-${run}`,
  stage: 'video_rendering',
  bytes: gibibytes * GIB,
});

/** Lets everything that is not waiting for anybody go on. */
const settled = () => new Promise((resolve) => setTimeout(resolve, 0));

describe('the need of a video', () => {
  test('goes by complexity, and is a fifth more beyond three minutes', () => {
    expect((['simple', 'complex', 'premium'] as const).map((one) => gpuNeed(one, 180) / GIB)).toEqual([
      6, 9, 12,
    ]);
    expect(gpuNeed('premium', 181) / GIB).toBeCloseTo(14.4);
  });

  test('28 GiB may be reserved of a card of 32, less of a smaller one', () => {
    expect([32, 24, 8, 2].map((total) => gpuBudget(total * GIB) / GIB)).toEqual([28, 22, 6, 1]);
    expect(gpuBudget(null)).toBe(GPU_BUDGET_BYTES);
  });
});

describe('the memory of a card', () => {
  test('goes to whoever came first: a small job does not pass a large one that waits', async () => {
    const memory = memoryOf();
    const order: number[] = [];
    const take = (run: number, gibibytes: number) =>
      memory.take(job(run, gibibytes), never).then((free) => {
        order.push(run);
        return free;
      });
    const free = await Promise.all([take(1, 12), take(2, 12)]);
    const waiting = [take(3, 12), take(4, 4)];
    await settled();
    expect(memory.waiting()).toBe(2);
    expect(order).toEqual([1, 2]);
    free[0]?.();
    await Promise.all(waiting);
    expect(order).toEqual([1, 2, 3, 4]);
  });

  test('is not given beyond what the card says is free, less 1 GiB', async () => {
    let free = 9.9 * GIB;
    const memory = memoryOf(async () => free);
    const taken = memory.take(job(1, 9), never);
    await settled();
    expect(memory.reservations()).toEqual([]);
    free = 10 * GIB;
    await taken;
    expect(memory.reservations()).toMatchObject([{ run: 1, video_id: 'video-1', bytes: 9 * GIB }]);
  });

  test('one that gives up while the card is asked leaves no reservation, and the next goes on', async () => {
    const answers: ((free: null) => void)[] = [];
    const memory = memoryOf(() => new Promise((resolve) => answers.push(resolve)));
    const leaver = new AbortController();
    const first = memory.take(job(1, 12), leaver.signal);
    const second = memory.take(job(2, 12), never);
    leaver.abort(new Error('cancelled'));
    await expect(first).rejects.toThrow('cancelled');
    answers.shift()?.(null);
    await settled();
    answers.shift()?.(null);
    await second;
    expect(memory.reservations()).toMatchObject([{ run: 2 }]);
  });

  test('that is freed from outside is free once, whatever its job says later', async () => {
    const memory = memoryOf();
    const free = await memory.take(job(1, 12), never);
    expect([memory.free([1, 7]), memory.free([1])]).toEqual([1, 0]);
    await memory.take(job(1, 12), never);
    expect(memory.reservations()).toHaveLength(1);
    free();
  });

  test('a job that wants more than all gets all', async () => {
    const memory = createGpuMemory({
      budgetBytes: 6 * GIB,
      most: 3,
      freeBytes: async () => null,
      recheckMs: 5,
    });
    await memory.take(job(1, 12), never);
    expect(memory.reservations()).toMatchObject([{ bytes: 6 * GIB }]);
  });
});

interface Plan {
  gibibytes: number;
  /** Steps of the schedule that it waits before it comes and works. */
  comes: number;
  works: number;
  /** `cancel` and `time out` may fall while it waits. */
  end: 'finish' | 'fail' | 'cancel' | 'time out' | 'kill';
}

const plans = fc.array(
  fc.record<Plan>({
    gibibytes: fc.double({ min: 4, max: 14.4, noNaN: true }),
    comes: fc.nat(30),
    works: fc.nat(3),
    end: fc.constantFrom('finish', 'fail', 'cancel', 'time out', 'kill'),
  }),
  { minLength: 500, maxLength: 500 },
);

/** Runs the jobs in steps; answers in which order they came and were granted. */
async function runJobs(memory: GpuMemory, jobs: readonly Plan[]) {
  const [came, granted]: [number[], number[]] = [[], []];
  const gaveUp = new Set<number>();
  const watch = () => {
    const held = memory.reservations();
    expect(held.length).toBeLessThanOrEqual(SLOTS);
    expect(held.reduce((sum, { bytes }) => sum + bytes, 0)).toBeLessThanOrEqual(GPU_BUDGET_BYTES);
  };
  const steps = async (count: number, signal: AbortSignal) => {
    for (let i = 0; i <= count && !signal.aborted; i += 1) await settled();
    watch();
    signal.throwIfAborted();
  };
  const work = async (run: number, { gibibytes, comes, works, end }: Plan) => {
    await steps(comes, never);
    const stop = new AbortController();
    if (end === 'cancel' || end === 'time out')
      void steps(works, never).then(() => stop.abort(new Error(end)));
    came.push(run);
    const free = await memory.take(job(run, gibibytes), stop.signal).catch(() => null);
    if (!free) return void gaveUp.add(run);
    granted.push(run);
    watch();
    try {
      await steps(works, stop.signal);
      if (end !== 'finish') throw new Error(end);
    } finally {
      // A job that was killed says nothing: an operator clears it.
      if (end === 'kill') memory.free([run]);
      else free();
    }
  };
  await Promise.allSettled(jobs.map((plan, run) => work(run, plan)));
  return { came: came.filter((run) => !gaveUp.has(run)), granted };
}

test('500 jobs of 4 to 14.4 GiB never hold more than 28, never more than 3, none starves, nothing is left', async () => {
  await fc.assert(
    fc.asyncProperty(plans, async (jobs) => {
      const memory = memoryOf();
      const { came, granted } = await runJobs(memory, jobs);
      expect(granted).toEqual(came);
      expect(memory.reservations()).toEqual([]);
      expect(memory.waiting()).toBe(0);
    }),
    { numRuns: 3 },
  );
}, 60_000);
