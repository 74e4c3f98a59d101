import { levelOf, type SpendState } from '../domain/budget.ts';
import type { ExternalCharge } from '../domain/contract.ts';
import { type Micros, parseDollars, toDollars, toNumeric } from '../domain/money.ts';
import type { Bill, BillLine, Charge, Service } from '../domain/results.ts';
import type { StageName } from '../domain/stages.ts';
import type { Deps } from './deps.ts';
import { type Db, inTransaction } from './stores/postgres.ts';

/** The stage attempt that spent the money; nulls for a charge from outside of the stages. */
export interface ChargedAt {
  stage: StageName | null;
  attempt: number | null;
}

/** As {@link insertCharges}, in a transaction of its own, with the events of {@link announceCharges}. */
export async function chargeVideo(
  deps: Deps,
  videoId: string,
  charges: readonly Charge[],
  at: ChargedAt,
): Promise<SpendState> {
  const recorded = await inTransaction(deps.pool, (tx) => insertCharges(tx, videoId, charges, at));
  await announceCharges(deps, videoId, recorded);
  return recorded.state;
}

/** Money spent outside of the stages. The caller's id makes it idempotent. */
export function recordExternalCharge(deps: Deps, charge: ExternalCharge): Promise<SpendState> {
  const line: Charge = {
    key: `external:${charge.id}`,
    service: charge.service as Service,
    operation: charge.operation,
    provider: 'external',
    model: '-',
    quantity: 1,
    unit: 'charge',
    amount: charge.amount,
  };
  return chargeVideo(deps, charge.video_id, [line], { stage: null, attempt: null });
}

/** What a call of {@link insertCharges} changed: only charges whose key was new are fresh. */
export interface Recorded {
  state: SpendState;
  fresh: Charge[];
  cap: Micros;
}

/**
 * Writes charges to the ledger, inside the caller's transaction. A key that is there already is the same
 * charge again and changes nothing; the same key with another amount throws.
 */
export async function insertCharges(
  tx: Db,
  videoId: string,
  charges: readonly Charge[],
  at: ChargedAt,
): Promise<Recorded> {
  const { rows } = await tx.query<InsertedRow>(INSERT_CHARGES, [
    videoId,
    at.stage,
    at.attempt,
    JSON.stringify(charges.map((charge) => ({ ...charge, amount: toNumeric(charge.amount) }))),
  ]);
  const row = rows[0];
  if (!row) throw new Error(`video ${videoId} has no budget`);
  const fresh = charges.filter((charge) => row.fresh.includes(charge.key));
  if (fresh.length < charges.length) await refuseOtherAmounts(tx, videoId, charges);
  return { state: { total: parseDollars(row.spent), seq: row.seq }, fresh, cap: parseDollars(row.cap) };
}

/**
 * Publishes what was recorded, once it is committed: each new charge, and the highest mark that they crossed.
 * The total only grows, so that each mark is crossed once.
 */
export async function announceCharges(deps: Deps, videoId: string, recorded: Recorded): Promise<void> {
  const { fresh, state, cap } = recorded;
  const before = state.total - fresh.reduce((sum, charge) => sum + charge.amount, 0);
  let total = before;
  for (const { service, operation, amount } of fresh) {
    if (amount === 0) continue;
    total += amount;
    const charged = { service, operation, amount: toDollars(amount), total: toDollars(total) };
    await deps.events.publish({ type: 'cost.charged', video_id: videoId, ...charged });
  }
  const level = levelOf(state.total, cap);
  if (level === 'ok' || level === levelOf(before, cap)) return;
  await deps.events.publish({ type: 'cost.alert', video_id: videoId, level, cost: toDollars(state.total) });
}

/** The video's money now. Throws for an unknown video. */
export async function spendOf(db: Db, videoId: string): Promise<SpendState & { cap: Micros; held: Micros }> {
  const { rows } = await db.query<BudgetRow>(
    'SELECT spent, held, cap, seq FROM video_budget WHERE video_id = $1',
    [videoId],
  );
  const row = rows[0];
  if (!row) throw new Error(`video ${videoId} has no budget`);
  return {
    total: parseDollars(row.spent),
    seq: row.seq,
    cap: parseDollars(row.cap),
    held: parseDollars(row.held),
  };
}

/** Every charge of the video with its total, in the order in which they were recorded. */
export async function billOf(db: Db, videoId: string): Promise<Bill> {
  const { rows } = await db.query<BillRow>(
    `SELECT b.cap, b.spent, c.stage, c.service, c.operation, c.quantity, c.unit, c.amount, c.state
     FROM video_budget b LEFT JOIN pipeline_costs c USING (video_id) WHERE video_id = $1 ORDER BY c.id`,
    [videoId],
  );
  const first = rows[0];
  if (!first) throw new Error(`video ${videoId} has no budget`);
  const total = parseDollars(first.spent);
  const cap = parseDollars(first.cap);
  return {
    video_id: videoId,
    currency: 'USD',
    total_cost: toDollars(total),
    cap: toDollars(cap),
    within_budget: total <= cap,
    charges: rows.flatMap((row) => (row.amount === null ? [] : [billLine(row, row.amount)])),
  };
}

interface BudgetRow {
  spent: string;
  held: string;
  cap: string;
  seq: number;
}

interface InsertedRow extends BudgetRow {
  fresh: string[];
}

interface BillRow extends Omit<BillLine, 'amount' | 'quantity'> {
  cap: string;
  spent: string;
  quantity: string;
  amount: string | null;
}

// The total moves only by rows that were really inserted, in the statement that inserts them.
const INSERT_CHARGES = `
  WITH fresh AS (
    INSERT INTO pipeline_costs
      (video_id, stage, attempt, key, service, operation, provider, model, quantity, unit, amount)
    SELECT $1, $2, $3, c.* FROM jsonb_to_recordset($4::jsonb) AS c(
      key text, service text, operation text, provider text, model text,
      quantity numeric, unit text, amount numeric)
    ON CONFLICT (video_id, key) DO NOTHING
    RETURNING key, amount
  ), moved AS (
    UPDATE video_budget SET
      spent = spent + (SELECT coalesce(sum(amount), 0) FROM fresh),
      seq = seq + (SELECT count(*) FROM fresh)
    WHERE video_id = $1
    RETURNING spent, held, cap, seq
  )
  SELECT moved.*, ARRAY(SELECT key FROM fresh) AS fresh FROM moved`;

async function refuseOtherAmounts(tx: Db, videoId: string, charges: readonly Charge[]): Promise<void> {
  const { rows } = await tx.query<{ key: string; amount: string }>(
    'SELECT key, amount FROM pipeline_costs WHERE video_id = $1 AND key = ANY($2)',
    [videoId, charges.map((charge) => charge.key)],
  );
  const recorded = new Map(rows.map((row) => [row.key, parseDollars(row.amount)]));
  const other = charges.find((charge) => recorded.get(charge.key) !== charge.amount);
  if (other) throw new Error(`charge ${other.key} is in the ledger with another amount`);
}

function billLine(row: BillRow, amount: string): BillLine {
  return {
    stage: row.stage,
    service: row.service,
    operation: row.operation,
    quantity: Number(row.quantity),
    unit: row.unit,
    amount: toDollars(parseDollars(amount)),
    state: row.state,
  };
}
