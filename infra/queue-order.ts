/** Condition on a row of `video_queue`: admission may take it as soon as a place is free. */
export const ADMISSIBLE = `status = 'queued' AND NOT video_paused AND cancel_requested IS NULL
  AND (not_before IS NULL OR not_before <= clock_timestamp())`;

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
  ${SUBJECT} AS subject`;
