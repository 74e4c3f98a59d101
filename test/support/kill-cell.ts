import { expect, vi } from 'vitest';
import { workflowIdOf } from '../../domain/contract.ts';
import { createBarrier } from './barrier.ts';
import { type KillOutcome, outcomeOf } from './kill-outcome.ts';
import { type KillPoint, type Operation, PAID_CALLS } from './kill-points.ts';
import { type PaidWorld, startPaidWorld } from './paid-world.ts';
import type { Processes } from './processes.ts';
import type { Stall } from './stalling-proxy.ts';
import type { TestDeps } from './test-deps.ts';
import { postOrder, watch } from './watch.ts';

/** Three sentences of the fake fill it, so that no script is written anew for its length. */
const ORDER = { prompt: 'Why the deep sea glows', duration: 17 };
const PATIENCE = { timeout: 60_000, interval: 20 };
const SOON = { timeout: 60_000, interval: 5 };

/**
 * Makes a video of paid services and kills its worker -9 at one such call, at each of the points in turn, then lets
 * another worker finish. At a kill every other call of the stage, and the stage beside it, is over.
 */
export async function killAt(operation: Operation, points: readonly KillPoint[]): Promise<KillOutcome> {
  const world = await startPaidWorld();
  try {
    let videoId = '';
    for (const point of points) {
      const stall = stallOf(world, operation, point);
      if (videoId) world.startWorker();
      else videoId = await postOrder(world.processes.api, ORDER);
      await stall.reached;
      await isAlone(world.processes, operation, videoId);
      await KILLS[point](world, operation, stall);
    }
    world.startWorker();
    const events = await watch(world.processes.api, videoId);
    return await outcomeOf(world, videoId, events);
  } finally {
    await world.close();
  }
}

function stallOf({ fronts }: PaidWorld, operation: Operation, point: KillPoint): Stall {
  const { service, text } = PAID_CALLS[operation];
  return fronts[service].stall(text, point === 'unsent' ? 'request' : 'answer');
}

/** From a call that is stalled to the kill. */
const KILLS: Record<KillPoint, (world: PaidWorld, operation: Operation, stall: Stall) => Promise<void>> = {
  unsent: (world) => world.killWorker(),
  unanswered: (world) => world.killWorker(),
  unrecorded: killUnrecorded,
  untold: killUntold,
};

async function killUnrecorded(world: PaidWorld, _operation: Operation, stall: Stall): Promise<void> {
  const settling =
    "UPDATE ON pipeline_costs FOR EACH ROW WHEN (OLD.state = 'held' AND NEW.state = 'settled')";
  const barrier = await createBarrier(world.processes.deps, settling);
  stall.release();
  await barrier.reached();
  await world.killWorker();
  await barrier.lift();
}

/** Temporal and the service cannot be reached any more when the answer comes. */
async function killUntold(world: PaidWorld, operation: Operation, stall: Stall): Promise<void> {
  const { processes, fronts } = world;
  const { service, stage, last } = PAID_CALLS[operation];
  const next = last
    ? `INSERT ON stage_results FOR EACH ROW WHEN (NEW.stage = '${stage}')`
    : `INSERT ON pipeline_costs FOR EACH ROW WHEN (NEW.state = 'held')`;
  const barrier = await createBarrier(processes.deps, next);
  fronts.temporal.freeze();
  stall.release();
  await vi.waitFor(async () => expect((await holdsOf(processes.deps, operation)).open).toBe(0), SOON);
  fronts[service].freeze();
  if (last) await barrier.reached();
  await world.killWorker();
  await barrier.endWaiting();
  await barrier.lift();
}

/** Resolves when nothing else is under way than one call of one stage, as Temporal knows, too. */
async function isAlone({ deps }: Processes, operation: Operation, videoId: string): Promise<void> {
  const handle = deps.temporal.workflow.getHandle(workflowIdOf(videoId));
  await vi.waitFor(async () => {
    expect((await handle.describe()).raw.pendingActivities).toHaveLength(1);
    const calls = operation === 'speech' ? await sentencesOf(deps) : 1;
    expect(await holdsOf(deps, operation)).toEqual({ open: 1, all: calls });
  }, PATIENCE);
}

async function holdsOf({ pool }: TestDeps, operation: Operation): Promise<{ open: number; all: number }> {
  const { rows } = await pool.query<{ open: number; all: number }>(
    `SELECT count(*) FILTER (WHERE state = 'held') AS open, count(*) AS all
     FROM pipeline_costs WHERE operation = $1 AND state IN ('held', 'settled')`,
    [operation],
  );
  return rows[0] ?? { open: 0, all: 0 };
}

async function sentencesOf({ pool }: TestDeps): Promise<number | undefined> {
  const { rows } = await pool.query<{ count: number }>(
    `SELECT sum(jsonb_array_length(scene -> 'sentences'))::int AS count
     FROM stage_results, jsonb_array_elements(result -> 'scenes') AS scene WHERE stage = 'script_generation'`,
  );
  return rows[0]?.count;
}
