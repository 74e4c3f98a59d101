import type { Ahead } from '../../domain/eta.ts';
import type { Complexity, VideoStatus } from '../../domain/video.ts';
import type { Deps } from '../deps.ts';
import { roomToday } from '../money/caps.ts';
import { readLeftOfAll, readQueueLoad, recentStageHistory, timeIn, untilFinishedMs } from '../queue/eta.ts';
import { positionAfter } from '../queue/order-rows.ts';
import { ADMISSIBLE, ADMISSION_ORDER, WAITING_FOR } from '../queue/queue-order.ts';
import type { Config } from '../settings/config.ts';
import { isEndless, type WaitingFor } from './video-view.ts';

/** What lies ahead of an open video; null is what does not apply, or is not known. */
export interface Outlook {
  position: number | null;
  waiting_for: WaitingFor | null;
  /** ISO 8601. */
  eta: string | null;
}

interface OpenVideo {
  video_id: string;
  status: VideoStatus;
}

interface Waiting {
  id: string;
  complexity: Complexity;
  waiting_for: WaitingFor;
  held_ms: number | null;
  ahead: Ahead;
}

/** The whole queue is counted through once, and not once for each video as a look at a single one does. */
const waitingSql = ({ money }: Config) => `
  WITH ${roomToday(money)}, waiting AS (
    SELECT id, complexity, score, created_at, not_before, (${ADMISSIBLE}) IS TRUE AS may, ${WAITING_FOR} AS waiting_for
    FROM video_queue, pipeline_state s WHERE status = 'queued'), ranked AS (
    SELECT id, complexity, waiting_for, (extract(epoch FROM not_before - clock_timestamp()) * 1000)::float8 AS held_ms,
      jsonb_build_object('simple', count(*) FILTER (WHERE may AND complexity = 'simple') OVER earlier,
        'complex', count(*) FILTER (WHERE may AND complexity = 'complex') OVER earlier,
        'premium', count(*) FILTER (WHERE may AND complexity = 'premium') OVER earlier) AS ahead
    FROM waiting
    WINDOW earlier AS (ORDER BY ${ADMISSION_ORDER} ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING))
  SELECT * FROM ranked WHERE id = ANY($1)`;

/** The outlook of each of these videos that waits or is in production. The queue is counted only where one waits. */
export async function readOutlooks(
  { pool, config }: Pick<Deps, 'pool' | 'config'>,
  open: readonly OpenVideo[],
): Promise<Map<string, Outlook>> {
  if (open.length === 0) return new Map();
  const ids = open.filter(({ status }) => status === 'queued').map(({ video_id }) => video_id);
  const history = await recentStageHistory(pool);
  const [load, left, { rows }, state] = await Promise.all([
    readQueueLoad(pool, history),
    readLeftOfAll(pool, history),
    ids.length === 0 ? { rows: [] } : pool.query<Waiting>(waitingSql(config), [ids]),
    pool.query<{ paused: boolean }>('SELECT paused FROM pipeline_state'),
  ]);
  const outlooks = new Map<string, Outlook>();
  const isPaused = state.rows[0]?.paused === true;
  for (const [id, ms] of left) {
    outlooks.set(id, { position: null, waiting_for: null, eta: isPaused ? null : timeIn(ms) });
  }
  for (const row of rows) {
    const ms = isEndless(row.waiting_for) ? null : untilFinishedMs(row.complexity, row.ahead, load);
    const eta = ms === null ? null : timeIn(ms + Math.max(0, row.held_ms ?? 0));
    outlooks.set(row.id, { position: positionAfter(row.ahead), waiting_for: row.waiting_for, eta });
  }
  return outlooks;
}
