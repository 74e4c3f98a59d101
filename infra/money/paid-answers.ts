import { type Micros, parseDollars, toNumeric } from '../../domain/money.ts';
import type { StageName } from '../../domain/stages.ts';
import type { Db } from '../stores/postgres.ts';
import type { Hold } from './holds.ts';

/** The answer of a paid call, as it is stored with its charges. */
export interface PaidAnswer {
  /** Hash of all that the answer is made from. */
  key: string;
  kind: string;
  /** `video`: for the attempts of one video; `all`: for every video. */
  shared: 'video' | 'all';
  answer: unknown;
  cost: Micros;
}

/** The stored answer, younger than `maxAgeMs` on Postgres' clock where that is given; null when there is none. */
export async function findAnswer(
  db: Db,
  key: string,
  maxAgeMs: number | null,
): Promise<{ answer: unknown; cost: Micros } | null> {
  const { rows } = await db.query<{ answer: unknown; cost: string }>(
    `UPDATE paid_answers SET used_at = clock_timestamp() WHERE key = $1
       AND ($2::bigint IS NULL OR made_at > clock_timestamp() - $2::bigint * interval '1 ms')
     RETURNING answer, cost`,
    [key, maxAgeMs],
  );
  const row = rows[0];
  return row ? { answer: row.answer, cost: parseDollars(row.cost) } : null;
}

/** Stores an answer; of two to the same question the last one stays. */
export async function keepAnswer(db: Db, { video_id, stage }: Hold, stored: PaidAnswer): Promise<void> {
  const { key, kind, shared, answer, cost } = stored;
  const owner = shared === 'video' ? video_id : null;
  await db.query(
    `INSERT INTO paid_answers (key, video_id, stage, kind, answer, cost) VALUES ($1, $2, $3, $4, $5, $6)
     ON CONFLICT (key) DO UPDATE SET answer = excluded.answer, cost = excluded.cost, made_at = excluded.made_at,
       used_at = excluded.used_at`,
    [key, owner, stage, kind, JSON.stringify(answer), toNumeric(cost)],
  );
}

/** Notes in the ledger that a stored answer took the place of a call: the amount is what was saved. */
export async function noteSaved(db: Db, saved: Omit<Hold, 'run'>): Promise<void> {
  const { call } = saved;
  const place = [saved.video_id, saved.stage, saved.attempt, saved.key];
  await db.query(
    `INSERT INTO pipeline_costs
       (video_id, stage, attempt, key, service, operation, provider, model, quantity, unit, amount, state)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 1, 'call', $9, 'saved') ON CONFLICT (video_id, key) DO NOTHING`,
    [...place, call.service, call.operation, call.provider, call.model, toNumeric(saved.amount)],
  );
}

/** Forgets the answers that these stages of the video have stored for it alone, so that they are asked for anew. */
export async function dropAnswers(db: Db, videoId: string, stages: readonly StageName[]): Promise<void> {
  await db.query('DELETE FROM paid_answers WHERE video_id = $1 AND stage = ANY ($2)', [videoId, stages]);
}

/**
 * Makes the answers that are these shared files answer no question any more, so that each is asked for anew, by every
 * video. The files go as all do that nobody uses; an answer that has meanwhile taken the place of one stays.
 */
export async function refuseAnswers(db: Db, files: readonly string[]): Promise<void> {
  // In one order, so that two videos with the same sentences do not wait for each other.
  await db.query(
    `UPDATE paid_answers SET key = 'refused ' || artifact_key WHERE key IN
       (SELECT key FROM paid_answers WHERE artifact_key = ANY ($1) ORDER BY key FOR UPDATE)`,
    [files],
  );
}
