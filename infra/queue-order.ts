/** Condition on a row of `video_queue`: admission may take it as soon as a place is free. */
export const ADMISSIBLE = `status = 'queued' AND NOT video_paused AND cancel_requested IS NULL
  AND (not_before IS NULL OR not_before <= clock_timestamp())`;

/** Order of admission: score, and on a tie the older one. */
export const ADMISSION_ORDER = 'score DESC, created_at, id';

/** Rank of the queued row `q` among those that admission may take now, 1 = next; null when it is not queued. */
export const POSITION_OF_Q = `CASE WHEN q.status = 'queued' THEN 1 + (
  SELECT count(*) FROM video_queue WHERE ${ADMISSIBLE} AND (score > q.score
    OR score = q.score AND (created_at, id) < (q.created_at, q.id))) END`;

/** Columns of a row that starting its workflow needs (StartableVideo). */
export const STARTABLE = `id, generation, user_id, channel_id, priority, complexity,
  coalesce(request_data->>'title', left(coalesce(
    request_data->>'prompt', request_data->>'article', request_data->>'script', ''), 80)) AS subject`;
