import { BEYOND_CHANNEL_LIMIT, BEYOND_DAILY_LIMIT } from '../money/caps.ts';
import { CLOSED_PROVIDER } from '../providers/waiting.ts';

/**
 * What holds a waiting row of `video_queue` back from admission, as `waiting_for` shows it (SQL of a text), and
 * when; of several the first is shown. A statement with {@link ADMISSIBLE}, {@link AHEAD_OF_Q} or
 * {@link WAITING_FOR} begins with `WITH` and the tables of roomToday.
 */
const HOLDS: readonly { shown: string; when: string }[] = [
  { shown: `'paused'`, when: 'video_paused' },
  { shown: `'provider:' || ${CLOSED_PROVIDER}`, when: `${CLOSED_PROVIDER} IS NOT NULL` },
  { shown: `'not_before'`, when: 'not_before > clock_timestamp()' },
  { shown: `'channel_limit'`, when: BEYOND_CHANNEL_LIMIT },
  { shown: `'daily_limit'`, when: BEYOND_DAILY_LIMIT },
];

/** Condition on a row of `video_queue`: admission may take it as soon as a place is free. */
export const ADMISSIBLE = [
  `status = 'queued' AND cancel_requested IS NULL`,
  ...HOLDS.map(({ when }) => `(${when}) IS NOT TRUE`),
].join(' AND ');

/** No worker that lives has room on its disk. */
const DISKS_LOW = '(SELECT bool_and(disk_low) FROM lane_workers WHERE lease_until > clock_timestamp())';

/** Why a waiting row is not in production, by the state `s` of the pipeline and by the row. */
export const WAITING_FOR = `CASE WHEN s.paused AND s.halted THEN 'halted' WHEN s.paused THEN 'paused' WHEN ${DISKS_LOW} THEN 'disk'
  ${HOLDS.map(({ shown, when }) => `WHEN ${when} THEN ${shown}`).join(' ')} ELSE 'place' END`;

/** Order of admission: score, and on a tie the older one. */
export const ADMISSION_ORDER = 'score DESC, created_at, id';

/**
 * How many that admission may take now go before the queued row `q`, by complexity ({@link Ahead} as jsonb); null
 * when it is not queued. Its position is one more than their sum.
 */
export const AHEAD_OF_Q = `CASE WHEN q.status = 'queued' THEN (
  SELECT jsonb_build_object('simple', count(*) FILTER (WHERE complexity = 'simple'),
    'complex', count(*) FILTER (WHERE complexity = 'complex'),
    'premium', count(*) FILTER (WHERE complexity = 'premium'))
  FROM video_queue WHERE ${ADMISSIBLE} AND (score > q.score
    OR score = q.score AND (created_at, id) < (q.created_at, q.id))) END`;

/** What a video is about: the title of its order, or the beginning of its text. */
export const SUBJECT = `coalesce(request_data->>'title', left(coalesce(
    request_data->>'prompt', request_data->>'article', request_data->>'script', ''), 80))`;

/** Columns of a row that starting its workflow needs (StartableVideo). */
export const STARTABLE = `id, generation, user_id, channel_id, priority, complexity,
  ${SUBJECT} AS subject, trace_parent`;
