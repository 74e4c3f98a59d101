import type { Lane } from '../../domain/lanes.ts';
import { dollars } from '../../domain/money.ts';
import type { StageName } from '../../domain/stages.ts';
import type { Complexity, VideoStatus } from '../../domain/video.ts';
import type { Deps } from '../deps.ts';
import { SUBJECT } from '../queue/queue-order.ts';

/** Which videos; a field that is left out takes all. */
export interface VideoFilter {
  status?: VideoStatus | undefined;
  channel_id?: string | undefined;
  user_id?: string | undefined;
  complexity?: Complexity | undefined;
}

/** A video in a list. Dollars, ISO 8601, progress 0 to 100. */
export interface VideoLine {
  video_id: string;
  status: VideoStatus;
  reason: string | null;
  /** Title of the order, or the beginning of its text. */
  subject: string;
  channel_id: string;
  user_id: string;
  priority: number;
  complexity: Complexity;
  lane: Lane | null;
  stage: StageName | null;
  progress: number;
  estimated_cost: number;
  actual_cost: number;
  created_at: string;
  started_at: string | null;
  completed_at: string | null;
}

/** Where a page ended: the creation time in microseconds since 1970 and the id of its last video. */
export interface ListPlace {
  micros: string;
  id: string;
}

/** One page, newest first, and where the next one begins; null when this is the last. */
export async function listVideos(
  { pool }: Pick<Deps, 'pool'>,
  filter: VideoFilter,
  limit: number,
  after: ListPlace | null,
): Promise<{ videos: VideoLine[]; next: ListPlace | null }> {
  const { rows } = await pool.query<Row>(LIST_VIDEOS, [
    filter.status ?? null,
    filter.channel_id ?? null,
    filter.user_id ?? null,
    filter.complexity ?? null,
    after?.micros ?? null,
    after?.id ?? null,
    limit + 1,
  ]);
  const last = rows[limit - 1];
  return {
    videos: rows.slice(0, limit).map(lineOf),
    next: last && rows.length > limit ? { micros: String(last.micros), id: last.video_id } : null,
  };
}

/** Rows are compared by the time as it is stored: a JavaScript date would cut it to milliseconds. */
const LIST_VIDEOS = `
  SELECT q.id AS video_id, q.status, q.reason, ${SUBJECT} AS subject, q.channel_id, q.user_id, q.priority,
    q.complexity, q.lane, q.stage, q.progress, q.estimated_cost, b.spent AS actual_cost, q.created_at,
    q.processing_started_at AS started_at, q.completed_at,
    (extract(epoch FROM q.created_at) * 1000000)::bigint AS micros
  FROM video_queue q JOIN video_budget b ON b.video_id = q.id
  WHERE ($1::text IS NULL OR q.status = $1) AND ($2::text IS NULL OR q.channel_id = $2)
    AND ($3::text IS NULL OR q.user_id = $3) AND ($4::text IS NULL OR q.complexity = $4)
    AND ($5::bigint IS NULL OR (q.created_at, q.id) <
      (timestamptz 'epoch' + $5::bigint * interval '1 microsecond', $6::uuid))
  ORDER BY q.created_at DESC, q.id DESC LIMIT $7`;

type Row = Omit<
  VideoLine,
  'estimated_cost' | 'actual_cost' | 'created_at' | 'started_at' | 'completed_at'
> & {
  estimated_cost: string;
  actual_cost: string;
  created_at: Date;
  started_at: Date | null;
  completed_at: Date | null;
  micros: number;
};

function lineOf({ micros: _, ...row }: Row): VideoLine {
  return {
    ...row,
    estimated_cost: dollars(row.estimated_cost),
    actual_cost: dollars(row.actual_cost),
    created_at: row.created_at.toISOString(),
    started_at: row.started_at?.toISOString() ?? null,
    completed_at: row.completed_at?.toISOString() ?? null,
  };
}
