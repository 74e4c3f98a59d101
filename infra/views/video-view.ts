import type { ErrorEntry } from '../../domain/errors.ts';
import type { Ahead } from '../../domain/eta.ts';
import type { Lane } from '../../domain/lanes.ts';
import { dollars } from '../../domain/money.ts';
import type { Providers, Warning } from '../../domain/results.ts';
import { STAGE_NAMES, type StageName } from '../../domain/stages.ts';
import {
  type ArtifactName,
  type ArtifactRef,
  type Complexity,
  isFinal,
  type VideoStatus,
} from '../../domain/video.ts';
import type { Deps } from '../deps.ts';
import { roomToday } from '../money/caps.ts';
import { viewWebhook, type WebhookView } from '../notify/view.ts';
import { type PublicationView, viewPublication } from '../publish/view.ts';
import { readLeftMs, readQueueLoad, recentStageHistory, timeIn, untilFinishedMs } from '../queue/eta.ts';
import { positionAfter } from '../queue/order-rows.ts';
import { AHEAD_OF_Q, SUBJECT, WAITING_FOR } from '../queue/queue-order.ts';
import { EXPIRED } from '../retention/videos.ts';
import type { Config } from '../settings/config.ts';
import { type ArtifactViews, artifactViews } from './video-files.ts';

/** What holds a waiting video back; `place` when nothing else does. */
export type WaitingFor =
  | 'place'
  | 'paused'
  | 'halted'
  | 'disk'
  | 'not_before'
  | 'daily_limit'
  | 'channel_limit'
  | `provider:${string}`;

/** Nobody knows when these end. */
const ENDLESS: readonly WaitingFor[] = ['paused', 'halted', 'disk', 'daily_limit', 'channel_limit'];

export function isEndless(waiting: WaitingFor | null): boolean {
  return waiting !== null && (ENDLESS.includes(waiting) || waiting.startsWith('provider:'));
}

/** A video as GET /pipeline/status/{id} shows it. Amounts are dollars, times ISO 8601, progress 0 to 100. */
export interface VideoView {
  video_id: string;
  /** Title of the order, or the beginning of its text. */
  subject: string;
  channel_id: string;
  user_id: string;
  status: VideoStatus;
  /** An operator has paused this video alone. */
  paused: boolean;
  /** Its end was asked for, and it has not come to it yet. */
  cancelling: boolean;
  /** Why it ended as it did; null for a completed video. */
  reason: string | null;
  /** The same for people. */
  message: string | null;
  lane: Lane | null;
  stage: StageName | null;
  progress: number;
  priority: number;
  complexity: Complexity;
  estimated_cost: number;
  /** Its cap. */
  max_cost: number;
  /** Spent so far, and in all once the video has ended. */
  actual_cost: number;
  /** 1 = next; null when it does not wait. */
  position: number | null;
  waiting_for: WaitingFor | null;
  eta: string | null;
  created_at: string;
  started_at: string | null;
  completed_at: string | null;
  /** Seconds from the admission to the end. */
  processing_time: number | null;
  retry_count: number;
  /** Those whose results are kept, and made again by no retry unless it begins there. */
  finished_stages: StageName[];
  /** Runs of stages, oldest first, the newest 200. */
  attempts: AttemptView[];
  errors: ErrorEntry[];
  warnings: Warning[];
  providers: Providers;
  artifacts: ArtifactViews;
  /** When the files were removed as too old; null while there are, or may come, some. */
  artifacts_expired_at: string | null;
  /** Null until it is finished, and for a video that is not to be published. */
  publication: PublicationView | null;
  /** Null for an order without webhook_url, and once its record is as old as RETENTION_DAYS allows. */
  webhook: WebhookView | null;
}

/** One run of a stage; without an end it runs, or its worker is gone. Attempts count anew after a release. */
export interface AttemptView {
  stage: StageName;
  attempt: number;
  outcome: 'completed' | 'reused' | 'failed' | 'cancelled' | 'worker_lost' | null;
  kind: string | null;
  message: string | null;
  started_at: string;
  ended_at: string | null;
}

/** Reads one video, or null when there is none, or none any more. All from Postgres. */
export async function readVideo(
  deps: Pick<Deps, 'pool' | 'config'>,
  videoId: string,
): Promise<VideoView | null> {
  const { rows } = await deps.pool.query<Row>(readVideoSql(deps.config), [videoId]);
  const row = rows[0];
  if (!row) return null;
  return {
    video_id: row.id,
    subject: row.subject,
    channel_id: row.channel_id,
    user_id: row.user_id,
    status: row.status,
    paused: row.video_paused && !isFinal(row.status),
    cancelling: row.cancelling && !isFinal(row.status),
    reason: row.reason,
    message: row.message,
    lane: row.lane,
    stage: row.stage,
    progress: row.progress,
    priority: row.priority,
    complexity: row.complexity,
    estimated_cost: dollars(row.estimated_cost),
    max_cost: dollars(row.cap),
    actual_cost: dollars(row.spent),
    position: row.ahead && positionAfter(row.ahead),
    waiting_for: row.waiting_for,
    eta: await etaOf(deps, row),
    created_at: row.created_at.toISOString(),
    started_at: row.processing_started_at?.toISOString() ?? null,
    completed_at: row.completed_at?.toISOString() ?? null,
    processing_time: row.processing_time_seconds,
    retry_count: row.retry_count,
    finished_stages: row.status === 'completed' ? [...STAGE_NAMES] : row.finished_stages,
    attempts: row.attempts.map(withTimes),
    errors: row.error_log,
    warnings: row.warnings,
    providers: Object.assign({}, ...(row.providers ?? []), row.final_providers),
    artifacts: artifactViews(row.id, row.files ?? {}),
    artifacts_expired_at: row.artifacts_expired_at?.toISOString() ?? null,
    publication: row.has_publication ? await viewPublication(deps, row.id) : null,
    webhook: row.has_webhook ? await viewWebhook(deps.pool, row) : null,
  };
}

/** Columns that are shown as they are. */
type Shown =
  | 'subject'
  | 'channel_id'
  | 'user_id'
  | 'cancelling'
  | 'status'
  | 'reason'
  | 'message'
  | 'lane'
  | 'stage'
  | 'progress'
  | 'priority'
  | 'complexity'
  | 'waiting_for'
  | 'retry_count'
  | 'finished_stages'
  | 'attempts'
  | 'warnings';

interface Row extends Pick<VideoView, Shown> {
  id: string;
  estimated_cost: string;
  cap: string;
  spent: string;
  ahead: Ahead | null;
  /** Alone, or with the whole pipeline. */
  held_back: boolean;
  video_paused: boolean;
  /** Milliseconds until a release lets it be admitted again. */
  held_ms: number | null;
  created_at: Date;
  processing_started_at: Date | null;
  completed_at: Date | null;
  processing_time_seconds: number | null;
  error_log: ErrorEntry[];
  providers: Providers[] | null;
  /** Those of a completed video, whose results may have been dropped with its files. */
  final_providers: Providers | null;
  files: Partial<Record<ArtifactName, ArtifactRef>> | null;
  artifacts_expired_at: Date | null;
  has_publication: boolean;
  has_webhook: boolean;
  generation: number;
}

const readVideoSql = ({ money }: Config) => `
  WITH ${roomToday(money)}
  SELECT q.id, ${SUBJECT} AS subject, q.channel_id, q.user_id, q.status, q.reason, q.result->>'message' AS message, q.lane, q.stage, q.progress, q.priority,
    q.complexity, q.estimated_cost, b.cap, b.spent, q.created_at, q.processing_started_at, q.completed_at,
    q.processing_time_seconds, q.retry_count, q.error_log, q.warnings, q.result->'providers' AS final_providers,
    CASE WHEN ${EXPIRED} THEN q.artifacts_expired_at END AS artifacts_expired_at,
    ${AHEAD_OF_Q} AS ahead,
    (extract(epoch FROM q.not_before - clock_timestamp()) * 1000)::float8 AS held_ms,
    (SELECT coalesce(jsonb_agg(to_jsonb(r) - 'id' ORDER BY id), '[]') FROM (
      SELECT id, stage, attempt, outcome, kind, message, started_at, ended_at FROM stage_runs
      WHERE video_id = q.id ORDER BY id DESC LIMIT 200) AS r) AS attempts,
    CASE WHEN q.status = 'queued' THEN ${WAITING_FOR} END AS waiting_for, s.paused OR q.video_paused AS held_back,
    q.video_paused, q.cancel_requested IS NOT NULL AS cancelling,
    (SELECT jsonb_agg(providers ORDER BY made_at) FROM stage_results WHERE video_id = q.id) AS providers,
    (SELECT coalesce(jsonb_agg(stage ORDER BY made_at), '[]') FROM stage_results WHERE video_id = q.id) AS finished_stages,
    (SELECT result->'files' FROM stage_results
      WHERE video_id = q.id AND stage = 'upload_preparation') AS files,
    EXISTS (SELECT 1 FROM publications WHERE video_id = q.id) AS has_publication,
    jsonb_exists(q.request_data, 'webhook_url') AS has_webhook, q.generation
  FROM video_queue q JOIN video_budget b ON b.video_id = q.id, pipeline_state s WHERE q.id = $1 AND q.deleted_at IS NULL`;

/** Null once it has ended, while it is paused or held back by a limit, and while no living worker offers it a place. */
async function etaOf({ pool }: Pick<Deps, 'pool'>, row: Row): Promise<string | null> {
  if (isFinal(row.status) || row.held_back || isEndless(row.waiting_for)) return null;
  const history = await recentStageHistory(pool);
  const ms = row.ahead
    ? untilFinishedMs(row.complexity, row.ahead, await readQueueLoad(pool, history))
    : await readLeftMs(pool, history, row.id);
  return ms === null ? null : timeIn(ms + Math.max(0, row.held_ms ?? 0));
}

/** Postgres writes times into JSON in its own notation. */
function withTimes(attempt: AttemptView): AttemptView {
  return {
    ...attempt,
    started_at: iso(attempt.started_at),
    ended_at: attempt.ended_at && iso(attempt.ended_at),
  };
}

function iso(time: string): string {
  return new Date(time).toISOString();
}
