import type { SettleAnswer, SettleRequest } from '../../domain/contract.ts';
import type { NewEvent } from '../../domain/events.ts';
import { dollars, parseDollars } from '../../domain/money.ts';
import type { AudioResult, Providers, ScriptResult, UploadResult } from '../../domain/results.ts';
import type { StageName } from '../../domain/stages.ts';
import type { Deps } from '../deps.ts';
import { announceCharges } from '../money/cost-alerts.ts';
import { closeAttempts } from '../money/holds.ts';
import { startSoon } from '../notify/start.ts';
import { noteVideoEnd } from '../notify/video-ended.ts';
import { publishCompleted } from '../publish/start.ts';
import { hideFor } from '../settings/hide-secrets.ts';
import { FINAL } from '../stores/final-statuses.ts';
import { type Db, inTransaction } from '../stores/postgres.ts';
import { admit } from './admission.ts';

/** `video_queue.result`: what a finished video is, or why there is none. */
type VideoResult =
  | {
      title: string;
      source: string;
      duration_ms: number;
      files: UploadResult['files'];
      providers: Providers;
    }
  | { message: string | null };

/**
 * Ends a video, once and for all: a row that has its end keeps it. Then tells watchers, removes kept
 * segments and gives the free place away. Doing it again is harmless, since a reply may be lost. Answers the
 * reason that stands in the row and what the video has cost, or only the reason of the request when the row belongs
 * to somebody else.
 */
export async function settle(deps: Deps, request: SettleRequest): Promise<SettleAnswer> {
  const hide = hideFor(deps.config, deps.secrets);
  const { settled, assumed, again, notification } = await inTransaction(deps.pool, async (tx) => {
    const result = await resultOf(tx, request);
    const ended = await writeEnd(tx, request, result);
    if (!ended) return { settled: await endedAlike(tx, request), assumed: null, again: true };
    const assumed = await closeAttempts(tx, request.video_id);
    const settled = assumed ? await correctCost(tx, request, ended) : ended;
    const notification = ended.has_webhook ? await noteVideoEnd(tx, request.video_id, hide) : null;
    return { settled, assumed, again: false, notification };
  });
  const freedAtMs = performance.now();
  if (!again) deps.metrics.count('ytempire_videos_ended_total', { status: request.status });
  if (assumed) await announceCharges(deps, request.video_id, assumed);
  // The next video does not wait for the news and the sweeping of this one.
  await Promise.all([
    admit(deps, again ? undefined : freedAtMs),
    ...(settled
      ? [deps.events.publish(finalEvent(request, settled)), removeKept(deps, request.video_id)]
      : []),
    ...(settled && request.status === 'completed' ? [publishCompleted(deps, request.video_id)] : []),
    ...(notification ? [startSoon(deps, notification)] : []),
  ]);
  if (!settled) return { reason: request.reason };
  return { reason: settled.reason, spend: { total: parseDollars(settled.cost), seq: settled.seq } };
}

interface Settled {
  cost: string;
  /** Of the ledger's state that costs that. */
  seq: number;
  stage: StageName | null;
  reason: string | null;
  result: VideoResult;
}

interface Ended extends Settled {
  has_webhook: boolean;
}

/** A cancel from Temporal carries no reason; the row knows whether it was asked for, and why. */
const REASON = `CASE WHEN $4 = 'cancelled' AND $5 = 'operator_cancel' THEN coalesce(cancel_requested, $5) ELSE $5 END`;

async function writeEnd(tx: Db, request: SettleRequest, result: VideoResult): Promise<Ended | undefined> {
  const { rows } = await tx.query<Ended>(
    `UPDATE video_queue q SET status = $4, reason = ${REASON}, stage = coalesce($6, stage), result = $7,
       actual_cost = b.spent, completed_at = clock_timestamp(),
       processing_time_seconds = extract(epoch FROM clock_timestamp() - processing_started_at),
       progress = CASE WHEN $4 = 'completed' THEN 100 ELSE progress END
     FROM video_budget b
     WHERE q.id = $1 AND b.video_id = q.id AND generation = $2
       AND (claimed_by IS NULL OR claimed_by = $3)
       AND admission_no = coalesce($8::bigint, admission_no) AND status NOT IN ${FINAL}
     RETURNING actual_cost AS cost, b.seq, stage, reason, result,
       jsonb_exists(request_data, 'webhook_url') AS has_webhook`,
    [
      request.video_id,
      request.generation,
      request.chain,
      request.status,
      request.reason,
      request.stage,
      JSON.stringify(result),
      request.admission_no,
    ],
  );
  return rows[0];
}

/** What the video's attempts still held was spent after all. */
async function correctCost(tx: Db, { video_id }: SettleRequest, ended: Ended): Promise<Ended> {
  const { rows } = await tx.query<Pick<Settled, 'cost' | 'seq'>>(
    `UPDATE video_queue SET actual_cost = spent FROM video_budget WHERE id = $1 AND video_id = id
     RETURNING actual_cost AS cost, seq`,
    [video_id],
  );
  return { ...ended, ...rows[0] };
}

/** The row of an earlier call of this settle, whose reply was lost. */
async function endedAlike(tx: Db, request: SettleRequest): Promise<Settled | undefined> {
  const { rows } = await tx.query<Settled>(
    `SELECT spent AS cost, seq, stage, reason, result FROM video_queue JOIN video_budget ON video_id = id
     WHERE id = $1 AND generation = $2 AND status = $3
       AND (reason IS NOT DISTINCT FROM $4 OR reason = cancel_requested)`,
    [request.video_id, request.generation, request.status, request.reason],
  );
  return rows[0];
}

async function resultOf(tx: Db, request: SettleRequest): Promise<VideoResult> {
  if (request.status !== 'completed') return { message: request.message };
  const { rows } = await tx.query<{ stage: StageName; result: unknown; providers: Providers }>(
    'SELECT stage, result, providers FROM stage_results WHERE video_id = $1 ORDER BY made_at',
    [request.video_id],
  );
  const results = new Map(rows.map((row) => [row.stage, row.result]));
  const script = results.get('script_generation') as ScriptResult | undefined;
  const audio = results.get('audio_synthesis') as AudioResult | undefined;
  const upload = results.get('upload_preparation') as UploadResult | undefined;
  if (!script || !audio || !upload) throw new Error(`video ${request.video_id} lacks results of its stages`);
  return {
    title: script.title,
    source: script.source,
    duration_ms: audio.durationMs,
    files: upload.files,
    providers: Object.assign({}, ...rows.map((row) => row.providers)),
  };
}

function finalEvent({ video_id, status }: SettleRequest, settled: Settled): NewEvent {
  const { stage, reason, result } = settled;
  const cost = dollars(settled.cost);
  if (status === 'completed' && 'title' in result) {
    return { type: 'video.completed', video_id, cost, title: result.title, duration_ms: result.duration_ms };
  }
  const message = 'message' in result ? (result.message ?? '') : '';
  if (status === 'failed') {
    return { type: 'video.failed', video_id, reason: reason ?? 'bug', stage, message, cost };
  }
  return { type: 'video.cancelled', video_id, reason: reason ?? 'operator_cancel', stage, cost };
}

async function removeKept(deps: Deps, videoId: string): Promise<void> {
  try {
    await deps.artifacts.remove(`${videoId}/kept/`);
  } catch (error) {
    deps.log.warn({ err: error, video_id: videoId }, 'kept segments not removed');
  }
}
