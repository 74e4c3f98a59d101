import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { type Micros, parseDollars } from '../../domain/money.ts';
import type { Order } from '../../domain/video.ts';
import type { Deps } from '../deps.ts';
import { type Db, inTransaction } from '../stores/postgres.ts';
import { type Admission, deliverAll, fillPlaces, lockAdmission } from './admission.ts';
import { recentStageHistory, type StageHistory } from './eta.ts';
import { findAnswer, hashOf, keepAnswer, type RequestKey } from './order-requests.ts';
import { type AcceptedOrder, insertOrders, type QueuedVideo, readOrders } from './order-rows.ts';
import { showWaiting } from './show-waiting.ts';

/** `position` is null when the video went into production at once. */
export type SubmitAnswer =
  | { accepted: true; video_id: string; position: number | null; estimated_cost: Micros }
  | Extract<OrdersAnswer, { accepted: false }>;

/** `replayed`: these orders were taken by an earlier call with the same key. */
export type OrdersAnswer =
  | { accepted: true; videos: AcceptedOrder[]; replayed: boolean }
  | { accepted: false; code: 'queue_full'; retry_after_s: number }
  | { accepted: false; code: 'idempotency_conflict' };

export interface SubmitOptions {
  kind?: 'one' | 'batch';
  /** Decides everything and keeps nothing. */
  dryRun?: boolean;
  /** The same key and orders again answer what they answered first, also when the queue is full. */
  requestKey?: RequestKey | undefined;
}

const RETRY_AFTER_S = 30;
const ANSWER_WITHIN_MS = 1_000;

/** As {@link submitOrders}, for one. */
export async function submitOrder(deps: Deps, order: Order): Promise<SubmitAnswer> {
  const answer = await submitOrders(deps, [order]);
  if (!answer.accepted) return answer;
  const { video_id, position, estimated_cost } = answer.videos[0] as AcceptedOrder;
  return { accepted: true, video_id, position, estimated_cost: parseDollars(estimated_cost) };
}

/**
 * Takes all of the orders or none: they are durable when this returns, also while Temporal or Redis is away.
 * Refused when more than `queueMax` would wait. Throws when Postgres is away.
 */
export async function submitOrders(
  deps: Deps,
  orders: readonly Order[],
  options: SubmitOptions = {},
): Promise<OrdersAnswer> {
  const history = await recentStageHistory(deps.pool);
  const { answer, queued, admitted } = await inTransaction(deps.pool, async (tx) => {
    await lockAdmission(tx, deps.config.schema);
    return decide(tx, deps, orders, options, history);
  });
  await Promise.all(queued.map((video) => announce(deps, video)));
  await startProduction(deps, queued, admitted);
  return answer;
}

interface Decision {
  answer: OrdersAnswer;
  /** What is told to others once it is committed. */
  queued: QueuedVideo[];
  admitted: Admission[];
}

async function decide(
  tx: Db,
  { config, tracing }: Pick<Deps, 'config' | 'tracing'>,
  orders: readonly Order[],
  { kind = 'one', dryRun = false, requestKey }: SubmitOptions,
  history: StageHistory,
): Promise<Decision> {
  const hash = requestKey && hashOf(kind, orders);
  const known = requestKey && hash ? await findAnswer(tx, requestKey, hash) : null;
  if (known === 'conflict') return nothing({ accepted: false, code: 'idempotency_conflict' });
  if (known) return nothing({ accepted: true, videos: known, replayed: true });
  if ((await countQueued(tx)) + orders.length > config.queueMax) {
    return nothing({ accepted: false, code: 'queue_full', retry_after_s: RETRY_AFTER_S });
  }
  if (dryRun) await tx.query('SAVEPOINT before_orders');
  const ids = orders.map(() => randomUUID());
  await insertOrders(tx, ids, orders, tracing.parent());
  const admitted = await fillPlaces(tx, config);
  const queued = await readOrders(tx, config, ids, history);
  const videos = queued.map((video) => video.answer);
  if (dryRun) {
    await tx.query('ROLLBACK TO before_orders');
    return nothing({ accepted: true, videos, replayed: false });
  }
  if (requestKey && hash) await keepAnswer(tx, requestKey, hash, videos);
  return { answer: { accepted: true, videos, replayed: false }, queued, admitted };
}

function nothing(answer: OrdersAnswer): Decision {
  return { answer, queued: [], admitted: [] };
}

async function countQueued(tx: Db): Promise<number> {
  const { rows } = await tx.query<{ queued: number }>(
    `SELECT count(*) AS queued FROM video_queue WHERE status = 'queued'`,
  );
  return rows[0]?.queued ?? 0;
}

async function announce(deps: Deps, { id: video_id, answer }: QueuedVideo): Promise<void> {
  const { position, estimated_cost } = answer;
  await deps.events.publish({ type: 'video.queued', video_id, position, estimated_cost });
}

/** Tells Temporal, and waits for it no longer than a client may be kept waiting. */
async function startProduction(
  deps: Deps,
  queued: readonly QueuedVideo[],
  admitted: readonly Admission[],
): Promise<void> {
  const waiting = queued.filter((video) => video.answer.status === 'queued');
  const told = Promise.all([
    deliverAll(deps, admitted),
    ...waiting.map(({ answer: _, ...video }) => showWaiting(deps, video)),
  ]);
  await Promise.race([told, wait(ANSWER_WITHIN_MS, undefined, { ref: false })]);
}
