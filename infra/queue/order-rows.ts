import { type Ahead, leftMs } from '../../domain/eta.ts';
import { toDollars, toNumeric } from '../../domain/money.ts';
import { SCORE_SQL } from '../../domain/score.ts';
import { type Complexity, ESTIMATED_COST, ESTIMATED_TIME_S, type Order } from '../../domain/video.ts';
import { roomToday } from '../money/caps.ts';
import type { Config } from '../settings/config.ts';
import type { Db } from '../stores/postgres.ts';
import type { StartableVideo } from '../temporal/temporal.ts';
import { readQueueLoad, type StageHistory, timeIn, untilFinishedMs } from './eta.ts';
import { AHEAD_OF_Q, STARTABLE } from './queue-order.ts';

/** What a client is told of an order that was taken. Dollars, seconds, ISO 8601. */
export interface AcceptedOrder {
  video_id: string;
  status: 'queued' | 'processing';
  /** Null when the video went into production at once. */
  position: number | null;
  estimated_cost: number;
  estimated_time: number;
  /** Null while no living worker offers a place to it. */
  eta: string | null;
}

/**
 * Inserts the orders as waiting videos; of equal ones the earlier in the list goes first. `traceParent` is that of the
 * request which ordered them.
 */
export async function insertOrders(
  tx: Db,
  ids: readonly string[],
  orders: readonly Order[],
  traceParent: string | null,
): Promise<void> {
  const rows = orders.map((order, index) => ({
    ...order,
    id: ids[index],
    request_data: order,
    estimated_cost: toNumeric(ESTIMATED_COST[order.complexity]),
    cap: toNumeric(order.max_cost),
  }));
  await tx.query(
    `WITH given AS (
       SELECT r.*, t.now + (n - 1) * interval '1 microsecond' AS created_at
       FROM (SELECT clock_timestamp() AS now) AS t, jsonb_array_elements($1) WITH ORDINALITY AS e(row, n),
         jsonb_to_record(e.row) AS r(id uuid, user_id text, channel_id text, priority integer, complexity text,
           request_data jsonb, estimated_cost numeric, cap numeric)
     ), queued AS (
       INSERT INTO video_queue
         (id, user_id, channel_id, priority, complexity, request_data, estimated_cost, created_at, score,
          trace_parent)
       SELECT id, user_id, channel_id, priority, complexity, request_data, estimated_cost, created_at, ${SCORE_SQL}, $2
       FROM given
     )
     INSERT INTO video_budget (video_id, cap) SELECT id, cap FROM given`,
    [JSON.stringify(rows), traceParent],
  );
}

export interface QueuedVideo extends StartableVideo {
  answer: AcceptedOrder;
}

/** The orders as they stand after admission has run, in the order of the ids. */
export async function readOrders(
  tx: Db,
  { money }: Pick<Config, 'money'>,
  ids: readonly string[],
  history: StageHistory,
): Promise<QueuedVideo[]> {
  const { rows } = await tx.query<StartableVideo & { ahead: Ahead | null }>(
    `WITH ${roomToday(money)}
     SELECT ${STARTABLE}, ${AHEAD_OF_Q} AS ahead FROM video_queue q WHERE id = ANY($1)`,
    [ids],
  );
  const load = await readQueueLoad(tx, history);
  const videos = rows.map(({ ahead, ...video }): QueuedVideo => {
    const production = leftMs(history.times[video.complexity]);
    const ms = ahead ? untilFinishedMs(video.complexity, ahead, load) : production;
    return {
      ...video,
      answer: {
        video_id: video.id,
        status: ahead ? 'queued' : 'processing',
        position: ahead && positionAfter(ahead),
        estimated_cost: toDollars(ESTIMATED_COST[video.complexity]),
        estimated_time: estimatedTimeS(history, video.complexity, ms ?? production),
        eta: ms === null ? null : timeIn(ms),
      },
    };
  });
  return ids.flatMap((id) => videos.find((video) => video.id === id) ?? []);
}

/** 1 = next. */
export function positionAfter(ahead: Ahead): number {
  return 1 + ahead.simple + ahead.complex + ahead.premium;
}

function estimatedTimeS(history: StageHistory, complexity: Complexity, ms: number): number {
  return history.measured.has(complexity) ? Math.ceil(ms / 1000) : ESTIMATED_TIME_S;
}
