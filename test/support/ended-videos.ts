import { randomUUID } from 'node:crypto';
import type { Complexity, VideoStatus } from '../../domain/video.ts';
import type { Db } from '../../infra/stores/postgres.ts';

/** A line of the ledger. Dollars; `at` is the video's end when left out, `stage` the first one. */
export interface PaidLine {
  provider: string;
  amount: number;
  at?: string;
  stage?: string;
}

/** An attempt of a stage, which ends when its video does. */
export interface WorkedRun {
  stage: string;
  seconds: number;
  /** Of the failure; without one it is completed. */
  kind?: string;
}

/** A row as production would have left it. */
export interface VideoRow {
  at: string;
  channel?: string;
  complexity?: Complexity;
  status?: VideoStatus;
  reason?: string;
  stage?: string;
  /** From admission to the end. */
  seconds?: number;
  paid?: PaidLine[];
  runs?: WorkedRun[];
  /** As YouTube counted them; a number makes it a published video. */
  views?: number | null;
}

/** Writes it with its money, attempts and publication, and answers its id. One in production has no end yet. */
export async function writeVideo(db: Db, row: VideoRow): Promise<string> {
  const { at, channel = 'alpha', complexity = 'simple', status = 'completed', paid = [], runs = [] } = row;
  const id = randomUUID();
  const spent = paid.reduce((sum, { amount }) => sum + Math.round(amount * 1e6), 0) / 1e6;
  const ended = status === 'queued' || status === 'processing' ? null : at;
  await db.query(
    `WITH video AS (
       INSERT INTO video_queue (id, user_id, channel_id, priority, complexity, status, request_data, estimated_cost,
         score, completed_at, processing_time_seconds, reason, stage, actual_cost)
       VALUES ($1, 'tester', $2, 5, $3, $4, '{}', 2, 0, $5, $6, $7, $8, $9))
     INSERT INTO video_budget (video_id, cap, spent) VALUES ($1, 3, $9)`,
    [
      id,
      channel,
      complexity,
      status,
      ended,
      row.seconds ?? null,
      row.reason ?? null,
      row.stage ?? null,
      spent,
    ],
  );
  await db.query(
    `INSERT INTO pipeline_costs (video_id, key, service, operation, provider, model, quantity, unit, amount, stage, timestamp)
     SELECT $1, gen_random_uuid()::text, 'openai', 'x', provider, 'm', 1, 'call', amount, coalesce(stage, 'script_generation'),
       coalesce(at, $3::timestamptz)
     FROM jsonb_to_recordset($2::jsonb) AS l(provider text, amount numeric, at timestamptz, stage text)`,
    [id, JSON.stringify(paid), at],
  );
  await db.query(
    `INSERT INTO stage_runs (video_id, stage, generation, admission_no, run_id, activity_id, attempt, lane, worker,
       started_at, ended_at, outcome, kind)
     SELECT $1, stage, 1, 1, gen_random_uuid()::text, gen_random_uuid()::text, 1, 'cpu', 'test', $3::timestamptz - seconds * interval '1 s', $3,
       CASE WHEN kind IS NULL THEN 'completed' ELSE 'failed' END, kind
     FROM jsonb_to_recordset($2::jsonb) AS r(stage text, seconds float8, kind text)`,
    [id, JSON.stringify(runs), at],
  );
  if (row.views !== undefined) {
    await db.query(
      `INSERT INTO publications (video_id, channel_id, state, ready_at, ended_at, youtube_id, views, measured_at)
       VALUES ($1, $2, 'published', $3, $3, left(gen_random_uuid()::text, 11), $4::bigint, CASE WHEN $4::bigint IS NULL THEN NULL ELSE $3::timestamptz END)`,
      [id, channel, at, row.views],
    );
  }
  return id;
}
