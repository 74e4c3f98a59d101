import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { type Micros, toDollars, toNumeric } from '../domain/money.ts';
import { SCORE_SQL } from '../domain/score.ts';
import { ESTIMATED_COST, type Order } from '../domain/video.ts';
import { commitAdmission, deliverAll, lockAdmission } from './admission.ts';
import type { Deps } from './deps.ts';
import { POSITION_OF_Q, STARTABLE } from './queue-order.ts';
import { type Db, inTransaction } from './stores/postgres.ts';
import { type StartableVideo, startVideo } from './temporal.ts';

/** `position` is null when the video went into production at once. */
export type SubmitAnswer =
  | { accepted: true; video_id: string; position: number | null; estimated_cost: Micros }
  | { accepted: false; code: 'queue_full'; retry_after_s: number };

const RETRY_AFTER_S = 30;
const ANSWER_WITHIN_MS = 1_000;

/**
 * Takes an order: it is durable when this returns, also while Temporal or Redis is away. Refused when
 * `queueMax` orders wait already. Throws when Postgres is away.
 */
export async function submitOrder(deps: Deps, order: Order): Promise<SubmitAnswer> {
  const id = randomUUID();
  const queued = await inTransaction(deps.pool, async (tx) => {
    await lockAdmission(tx, deps.config.schema);
    if ((await countQueued(tx)) >= deps.config.queueMax) return null;
    return insertOrder(tx, id, order);
  });
  if (!queued) return { accepted: false, code: 'queue_full', retry_after_s: RETRY_AFTER_S };
  const estimated_cost = ESTIMATED_COST[order.complexity];
  await deps.events.publish({
    type: 'video.queued',
    video_id: id,
    position: queued.position,
    estimated_cost: toDollars(estimated_cost),
  });
  const started = await startProduction(deps, queued);
  return { accepted: true, video_id: id, position: started ? null : queued.position, estimated_cost };
}

interface QueuedVideo extends StartableVideo {
  position: number;
}

/** True when the video was admitted at once. Waits for Temporal no longer than a client may be kept waiting. */
async function startProduction(deps: Deps, queued: QueuedVideo): Promise<boolean> {
  const admitted = await commitAdmission(deps);
  const started = admitted.some((video) => video.id === queued.id);
  const told = Promise.all([deliverAll(deps, admitted), started || showWaiting(deps, queued)]);
  await Promise.race([told, wait(ANSWER_WITHIN_MS, undefined, { ref: false })]);
  return started;
}

async function showWaiting(deps: Deps, queued: StartableVideo): Promise<void> {
  try {
    await startVideo(deps.temporal, deps.config, queued);
  } catch (error) {
    deps.log.warn({ err: error, video_id: queued.id }, 'workflow not started, its admission will');
  }
}

async function countQueued(tx: Db): Promise<number> {
  const { rows } = await tx.query<{ queued: number }>(
    `SELECT count(*) AS queued FROM video_queue WHERE status = 'queued'`,
  );
  return rows[0]?.queued ?? 0;
}

async function insertOrder(tx: Db, id: string, order: Order): Promise<QueuedVideo> {
  await tx.query(
    `INSERT INTO video_queue
       (id, user_id, channel_id, priority, complexity, request_data, estimated_cost, created_at, score)
     SELECT *, ${SCORE_SQL} FROM (SELECT $1::uuid, $2, $3, $4::integer, $5, $6::jsonb, $7::numeric,
       clock_timestamp()) AS v(id, user_id, channel_id, priority, complexity, request_data, estimated_cost, created_at)`,
    [
      id,
      order.user_id,
      order.channel_id,
      order.priority,
      order.complexity,
      JSON.stringify(order),
      toNumeric(ESTIMATED_COST[order.complexity]),
    ],
  );
  await tx.query('INSERT INTO video_budget (video_id, cap) VALUES ($1, $2)', [id, toNumeric(order.max_cost)]);
  const { rows } = await tx.query<QueuedVideo>(
    `SELECT ${STARTABLE}, ${POSITION_OF_Q} AS position FROM video_queue q WHERE id = $1`,
    [id],
  );
  return rows[0] as QueuedVideo;
}
