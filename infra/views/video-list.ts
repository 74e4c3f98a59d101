import type { Lane } from '../../domain/lanes.ts';
import { dollars } from '../../domain/money.ts';
import type { StageName } from '../../domain/stages.ts';
import type { Complexity, VideoStatus } from '../../domain/video.ts';
import { isFinal } from '../../domain/video.ts';
import type { Deps } from '../deps.ts';
import { ADMISSION_ORDER, SUBJECT } from '../queue/queue-order.ts';
import { type Outlook, readOutlooks } from './outlook.ts';

/** Which videos; a field that is left out takes all. */
export interface VideoFilter {
  status?: VideoStatus | undefined;
  channel_id?: string | undefined;
  user_id?: string | undefined;
  complexity?: Complexity | undefined;
  /** How the id begins, lower-case, with its hyphens. */
  id_prefix?: string | undefined;
}

/** A video in a list. Dollars, ISO 8601, progress 0 to 100. */
export interface VideoLine extends Outlook {
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
  /** Those with a stored result, and those that run. */
  stages: Partial<Record<StageName, 'done' | 'running'>>;
  /** By an operator, by itself. */
  paused: boolean;
  estimated_cost: number;
  actual_cost: number;
  max_cost: number;
  created_at: string;
  started_at: string | null;
  completed_at: string | null;
}

/** By creation, or by their turn in the queue, the next one to be made first. */
export const LIST_ORDERS = ['newest', 'position'] as const;
export type ListOrder = (typeof LIST_ORDERS)[number];

/**
 * Where a page ended: the creation time of its last video in microseconds since 1970, its id, and its score in
 * millionths where that is the order.
 */
export interface ListPlace {
  micros: string;
  id: string;
  score: string | null;
}

/** One page, and where the next one begins; null when this is the last. */
export async function listVideos(
  deps: Pick<Deps, 'pool' | 'config'>,
  filter: VideoFilter,
  { order, limit, after }: { order: ListOrder; limit: number; after: ListPlace | null },
): Promise<{ videos: VideoLine[]; next: ListPlace | null }> {
  const { rows } = await deps.pool.query<Row>(listSql(order), [
    filter.status ?? null,
    filter.channel_id ?? null,
    filter.user_id ?? null,
    filter.complexity ?? null,
    after?.micros ?? null,
    after?.id ?? null,
    limit + 1,
    ...idRange(filter.id_prefix),
    ...(order === 'position' ? [after?.score ?? null] : []),
  ]);
  const last = rows[limit - 1];
  const shown = rows.slice(0, limit);
  const outlooks = await readOutlooks(
    deps,
    shown.filter(({ status }) => !isFinal(status)),
  );
  return {
    videos: shown.map((row) => lineOf(row, outlooks.get(row.video_id))),
    next: last && rows.length > limit ? placeOf(last, order) : null,
  };
}

function placeOf({ micros, video_id, millionths }: Row, order: ListOrder): ListPlace {
  return { micros, id: video_id, score: order === 'position' ? millionths : null };
}

/** The least and the greatest id that begin so. */
function idRange(prefix: string | undefined): [string | null, string | null] {
  if (prefix === undefined) return [null, null];
  const filled = (digit: string) =>
    prefix + `${digit.repeat(8)}-${`${digit.repeat(4)}-`.repeat(3)}${digit.repeat(12)}`.slice(prefix.length);
  return [filled('0'), filled('f')];
}

const STAGES_OF_Q = `(SELECT coalesce(jsonb_object_agg(stage, 'done'), '{}') FROM stage_results WHERE video_id = q.id)
    || (SELECT coalesce(jsonb_object_agg(stage, 'running'), '{}') FROM stage_runs WHERE q.status = 'processing'
      AND video_id = q.id AND ended_at IS NULL AND generation = q.generation AND admission_no = q.admission_no)`;

/** The last one of the page before. The time is as it is stored: a JavaScript date would cut it to milliseconds. */
const PLACE = `(timestamptz 'epoch' + $5::bigint * interval '1 microsecond', $6::uuid)`;
const SCORE = '($10::numeric / 1000000)';

const ORDERS: Record<ListOrder, { after: string; by: string }> = {
  newest: { after: `(q.created_at, q.id) < ${PLACE}`, by: 'q.created_at DESC, q.id DESC' },
  position: {
    after: `(q.score < ${SCORE} OR q.score = ${SCORE} AND (q.created_at, q.id) > ${PLACE})`,
    by: ADMISSION_ORDER,
  },
};

const listSql = (order: ListOrder) => `
  SELECT q.id AS video_id, q.status, q.reason, ${SUBJECT} AS subject, q.channel_id, q.user_id, q.priority,
    q.complexity, q.lane, q.stage, q.progress, q.video_paused AS paused,
    q.estimated_cost, b.spent AS actual_cost, b.cap AS max_cost, ${STAGES_OF_Q} AS stages, q.created_at,
    q.processing_started_at AS started_at, q.completed_at,
    (extract(epoch FROM q.created_at) * 1000000)::bigint::text AS micros,
    (q.score * 1000000)::numeric(20, 0)::text AS millionths
  FROM video_queue q JOIN video_budget b ON b.video_id = q.id
  WHERE q.deleted_at IS NULL AND ($1::text IS NULL OR q.status = $1) AND ($2::text IS NULL OR q.channel_id = $2)
    AND ($3::text IS NULL OR q.user_id = $3) AND ($4::text IS NULL OR q.complexity = $4)
    AND ($5::bigint IS NULL OR ${ORDERS[order].after})
    AND ($8::uuid IS NULL OR q.id BETWEEN $8 AND $9::uuid)
  ORDER BY ${ORDERS[order].by} LIMIT $7`;

type Row = Omit<
  VideoLine,
  'estimated_cost' | 'actual_cost' | 'max_cost' | 'created_at' | 'started_at' | 'completed_at' | keyof Outlook
> & {
  estimated_cost: string;
  actual_cost: string;
  max_cost: string;
  created_at: Date;
  started_at: Date | null;
  completed_at: Date | null;
  micros: string;
  /** Of its score. */
  millionths: string;
};

const NO_OUTLOOK: Outlook = { position: null, waiting_for: null, eta: null };

function lineOf({ micros: _, millionths: __, ...row }: Row, outlook = NO_OUTLOOK): VideoLine {
  return {
    ...row,
    ...outlook,
    eta: row.paused ? null : outlook.eta,
    estimated_cost: dollars(row.estimated_cost),
    actual_cost: dollars(row.actual_cost),
    max_cost: dollars(row.max_cost),
    created_at: row.created_at.toISOString(),
    started_at: row.started_at?.toISOString() ?? null,
    completed_at: row.completed_at?.toISOString() ?? null,
  };
}
