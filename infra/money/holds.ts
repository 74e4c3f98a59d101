import { type Micros, sumOf, toNumeric } from '../../domain/money.ts';
import type { Charge, Usage } from '../../domain/results.ts';
import type { StageName } from '../../domain/stages.ts';
import type { Deps } from '../deps.ts';
import { type Db, inTransaction } from '../stores/postgres.ts';
import { alertCost, announceCharges } from './cost-alerts.ts';
import {
  BUDGET_STATE,
  CHARGE_COLUMNS,
  CHARGE_LINES,
  insertCharges,
  linesOf,
  RECORDED,
  type Recorded,
  type RecordedRow,
  recordedOf,
} from './ledger.ts';
import { keepAnswer, type PaidAnswer } from './paid-answers.ts';

/** Money that is set aside before a paid call: the most that the call can cost. */
export interface Hold {
  video_id: string;
  /** Row of `stage_runs` of the attempt that makes the call. */
  run: number;
  stage: StageName;
  attempt: number;
  /** The hold's row in the ledger. Those of its charges are `<key>/<n>`. */
  key: string;
  /** What is called, for the row. */
  call: Pick<Usage, 'service' | 'operation' | 'provider' | 'model'>;
  amount: Micros;
}

/** `superseded`: the attempt is not the newest of its stage any more; `cost_limit`: the cap would be reached. */
export type HoldAnswer = 'held' | 'superseded' | 'cost_limit';

const UNIQUE_VIOLATION = '23505';

/**
 * Sets money aside, or says why not. The same hold again, after a lost reply, is the same one; its key with another
 * amount throws.
 */
export async function hold(db: Db, held: Hold): Promise<HoldAnswer> {
  const { call } = held;
  const amount = toNumeric(held.amount);
  const place = [held.video_id, held.run, held.stage, held.attempt, held.key];
  try {
    const { rowCount } = await db.query(HOLD, [
      ...place,
      ...[call.service, call.operation, call.provider, call.model, amount],
    ]);
    return rowCount === 1 ? 'held' : whyRefused(db, held);
  } catch (error) {
    if ((error as { code?: string }).code !== UNIQUE_VIOLATION) throw error;
    const { rows } = await db.query<{ amount: string }>(
      'SELECT amount FROM pipeline_costs WHERE video_id = $1 AND key = $2',
      [held.video_id, held.key],
    );
    if (rows[0]?.amount === amount) return 'held';
    throw new Error(`hold ${held.key} is in the ledger with another amount`);
  }
}

/**
 * Puts charges in the place of their hold, with the answer that they paid for. Of a hold that became a charge
 * meanwhile, only what the bill is above it is charged. Again, after a lost reply, it changes nothing.
 */
export async function settleHold(
  deps: Deps,
  held: Hold,
  charges: readonly Charge[],
  answer: PaidAnswer | null,
): Promise<Recorded> {
  const recorded = await inTransaction(deps.pool, async (tx) => {
    if (answer) await keepAnswer(tx, held, answer);
    const { rows } = await tx.query<RecordedRow>(SETTLE, [held.video_id, held.key, linesOf(charges)]);
    return rows[0] ? recordedOf(rows[0], held.stage) : chargeLate(tx, held, charges);
  });
  await announceCharges(deps, held.video_id, recorded);
  const billed = sumOf(charges);
  if (billed > held.amount && recorded.fresh.length > 0) {
    await alertCost(deps, held.video_id, 'price_mismatch', billed, held.stage);
  }
  return recorded;
}

/** Gives a hold back whose call was certainly not billed. One that became a charge meanwhile stays it. */
export async function refundHold(db: Db, { video_id, key }: Pick<Hold, 'video_id' | 'key'>): Promise<void> {
  await db.query(REFUND, [video_id, key]);
}

/** Which holds {@link assumeHolds} takes; what is left out matches all. */
export interface HoldFilter {
  stage?: StageName;
  key?: string;
  olderThanMs?: number;
}

/**
 * Makes charges of a video's holds, since nobody knows any more whether their calls were billed. Null when there
 * were none. Inside a transaction it must follow the statement that closed the attempts: what they hold then is all.
 */
export async function assumeHolds(
  db: Db,
  videoId: string,
  filter: HoldFilter = {},
): Promise<Recorded | null> {
  const { stage = null, key = null, olderThanMs = null } = filter;
  const { rows } = await db.query<RecordedRow>(ASSUME, [videoId, stage, key, olderThanMs]);
  return rows[0] ? recordedOf(rows[0], stage) : null;
}

/** No call lasts as long as this: the process that made it is gone, or could not reach Postgres. */
const OLD_HOLD_MS = 15 * 60_000;

/** Holds that nobody has come back for become charges. Answers how many videos had some. */
export async function assumeOldHolds(deps: Deps): Promise<number> {
  const { rows } = await deps.pool.query<{ video_id: string }>(
    `SELECT DISTINCT video_id FROM pipeline_costs
     WHERE state = 'held' AND timestamp < clock_timestamp() - $1 * interval '1 ms'`,
    [OLD_HOLD_MS],
  );
  for (const { video_id } of rows) {
    const assumed = await assumeHolds(deps.pool, video_id, { olderThanMs: OLD_HOLD_MS });
    if (assumed) await announceCharges(deps, video_id, assumed);
  }
  return rows.length;
}

/**
 * Ends what an ended video has left open, in the transaction that ends it: attempts, so that a stalled one cannot
 * pay any more, and then their holds. Null when nothing was held.
 */
export async function closeAttempts(tx: Db, videoId: string): Promise<Recorded | null> {
  await tx.query(
    `UPDATE stage_runs SET ended_at = clock_timestamp(), outcome = 'cancelled', message = 'the video has ended'
     WHERE video_id = $1 AND ended_at IS NULL`,
    [videoId],
  );
  const assumed = await assumeHolds(tx, videoId);
  return assumed && { ...assumed, late: false };
}

// The lock on the attempt's own row makes a stalled attempt safe: whoever takes over closes that row first, so a hold
// is either there before and is assumed, or waits for the lock and finds the row closed. A mere EXISTS would be
// answered from the snapshot of before the wait.
const HOLD = `
  WITH mine AS (
    SELECT id FROM stage_runs WHERE id = $2 AND video_id = $1 AND ended_at IS NULL FOR SHARE
  ), gate AS (
    UPDATE video_budget b SET held = b.held + $10::numeric FROM mine
    WHERE b.video_id = $1 AND b.spent + b.held + $10::numeric < b.cap
    RETURNING b.video_id
  )
  INSERT INTO pipeline_costs (video_id, stage, attempt, ${CHARGE_COLUMNS}, state)
  SELECT video_id, $3, $4, $5, $6, $7, $8, $9, 1, 'call', $10, 'held' FROM gate`;

const SETTLE = `
  WITH hold AS (
    UPDATE pipeline_costs SET state = 'settled' WHERE video_id = $1 AND key = $2 AND state = 'held'
    RETURNING video_id, stage, attempt, amount
  ), fresh AS (
    INSERT INTO pipeline_costs (video_id, stage, attempt, ${CHARGE_COLUMNS}, state)
    SELECT hold.video_id, hold.stage, hold.attempt, c.*, 'charged'
    FROM hold, jsonb_to_recordset($3::jsonb) AS ${CHARGE_LINES}
    RETURNING service, operation, amount
  ), moved AS (
    UPDATE video_budget b SET
      held = b.held - hold.amount,
      spent = b.spent + (SELECT coalesce(sum(amount), 0) FROM fresh),
      seq = b.seq + (SELECT count(*) FROM fresh)
    FROM hold WHERE b.video_id = hold.video_id
    RETURNING ${BUDGET_STATE}
  ) ${RECORDED}`;

const REFUND = `
  WITH hold AS (
    UPDATE pipeline_costs SET state = 'refunded' WHERE video_id = $1 AND key = $2 AND state = 'held'
    RETURNING video_id, amount
  )
  UPDATE video_budget b SET held = b.held - hold.amount FROM hold WHERE b.video_id = hold.video_id`;

const ASSUME = `
  WITH fresh AS (
    UPDATE pipeline_costs SET state = 'assumed' WHERE video_id = $1 AND state = 'held'
      AND stage = coalesce($2, stage) AND key = coalesce($3, key)
      AND ($4::bigint IS NULL OR timestamp < clock_timestamp() - $4::bigint * interval '1 ms')
    RETURNING service, operation, amount
  ), moved AS (
    UPDATE video_budget b SET held = b.held - lost.amount, spent = b.spent + lost.amount, seq = b.seq + lost.count
    FROM (SELECT sum(amount) AS amount, count(*) AS count FROM fresh) AS lost
    WHERE b.video_id = $1 AND lost.count > 0
    RETURNING ${BUDGET_STATE}
  ) ${RECORDED}`;

async function whyRefused(db: Db, { video_id, run }: Hold): Promise<HoldAnswer> {
  const { rowCount } = await db.query(
    'SELECT 1 FROM stage_runs WHERE id = $2 AND video_id = $1 AND ended_at IS NULL',
    [video_id, run],
  );
  return rowCount === 1 ? 'cost_limit' : 'superseded';
}

/** The hold is none any more: it was settled by an earlier call of this, or somebody took it for lost. */
async function chargeLate(tx: Db, held: Hold, charges: readonly Charge[]): Promise<Recorded> {
  const { rows } = await tx.query<{ state: string }>(
    'SELECT state FROM pipeline_costs WHERE video_id = $1 AND key = $2 FOR UPDATE',
    [held.video_id, held.key],
  );
  const state = rows[0]?.state;
  if (!state) throw new Error(`hold ${held.key} is not in the ledger`);
  return insertCharges(tx, held.video_id, state === 'assumed' ? excessOf(held, charges) : charges, held);
}

/** The safe side stays: an assumed hold is never lowered, and one that was too low is made up for. */
function excessOf(held: Hold, charges: readonly Charge[]): Charge[] {
  const amount = sumOf(charges) - held.amount;
  return amount > 0 ? [{ ...held.call, key: `${held.key}/excess`, quantity: 1, unit: 'call', amount }] : [];
}
