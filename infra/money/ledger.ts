import { CRITICAL_AT, DEFAULT_CAP, type Mark, type SpendState, WARNING_AT } from '../../domain/budget.ts';
import { type ChargeSignal, type ExternalCharge, workflowIdOf } from '../../domain/contract.ts';
import { type Micros, parseDollars, toNumeric } from '../../domain/money.ts';
import type { Charge, Service } from '../../domain/results.ts';
import type { StageName } from '../../domain/stages.ts';
import type { Deps } from '../deps.ts';
import { FINAL } from '../stores/final-statuses.ts';
import { type Db, inTransaction } from '../stores/postgres.ts';
import { signalCharge } from './charge-signal.ts';
import { announceCharges } from './cost-alerts.ts';

/** The stage attempt that spent the money; nulls for a charge from outside of the stages. */
export interface ChargedAt {
  stage: StageName | null;
  attempt: number | null;
}

/** Rows of the ledger that are money spent; a hold may still be freed, and a saved one was never paid. */
export const SPENT = `state IN ('charged', 'assumed')`;

/** What a statement has added to the total of a video. */
export interface Recorded {
  state: SpendState;
  cap: Micros;
  stage: StageName | null;
  /** Lines that are new. */
  fresh: { service: string; operation: string; amount: Micros }[];
  /** Marks of the budget that were reached for the first time. */
  marks: Mark[];
  /** True when the video had its end already. */
  late: boolean;
}

/** As {@link insertCharges}, in a transaction of its own, with the events of announceCharges. */
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

/**
 * Money spent outside of the stages, known by the caller's id. The workflow is told, so that it stops at the cap;
 * for which nobody waits longer than a second; a lost signal heals at the next border. Throws when the id is there with
 * another amount.
 */
export async function recordExternalCharge(deps: Deps, charge: ExternalCharge): Promise<SpendState> {
  const state = await recordSignalledCharge(deps, charge);
  const signal: ChargeSignal = { id: charge.id, amount: charge.amount, ...state };
  await signalCharge(deps, { workflow_id: workflowIdOf(charge.video_id) }, signal).catch((error) => {
    deps.log.debug(
      { err: error, video_id: charge.video_id },
      'no workflow was told of a charge from outside',
    );
  });
  return state;
}

/** As {@link recordExternalCharge} for the workflow itself, which takes the state from the answer. */
export function recordSignalledCharge(deps: Deps, charge: ExternalCharge): Promise<SpendState> {
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
  const { rows } = await tx.query<RecordedRow>(INSERT_CHARGES, [
    videoId,
    at.stage,
    at.attempt,
    linesOf(charges),
  ]);
  const row = rows[0];
  if (!row) throw new Error(`video ${videoId} has no budget`);
  const recorded = recordedOf(row, at.stage);
  if (recorded.fresh.length < charges.length) await refuseOtherAmounts(tx, videoId, charges);
  return recorded;
}

/** The video's money now. Throws for an unknown video. */
export async function spendOf(db: Db, videoId: string): Promise<SpendState & { cap: Micros; held: Micros }> {
  const { rows } = await db.query<{ spent: string; held: string; cap: string; seq: number }>(
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

/** Charges as the parameter of {@link CHARGE_LINES}. */
export function linesOf(charges: readonly Charge[]): string {
  return JSON.stringify(charges.map((charge) => ({ ...charge, amount: toNumeric(charge.amount) })));
}

export const CHARGE_COLUMNS = 'key, service, operation, provider, model, quantity, unit, amount';

/** The record type of charges in a parameter: `jsonb_to_recordset($n::jsonb) AS ${CHARGE_LINES}`. */
export const CHARGE_LINES =
  'c(key text, service text, operation text, provider text, model text, quantity numeric, unit text, amount numeric)';

/** What `moved` has to return of `video_budget AS b`. */
export const BUDGET_STATE = 'b.video_id, b.spent, b.cap, b.seq';

/**
 * The end of every statement that adds to a total: it has a CTE `fresh` (service, operation, amount) with the new lines
 * and `moved` with {@link BUDGET_STATE}. The budget's row, which `moved` has locked, puts marks in an order.
 */
export const RECORDED = `, marks AS (
    INSERT INTO cost_alerts (video_id, level, told_at)
    SELECT video_id, level, NULL FROM moved, LATERAL (VALUES
      ('warning', trunc(cap * ${WARNING_AT} / ${DEFAULT_CAP}, 6)),
      ('critical', trunc(cap * ${CRITICAL_AT} / ${DEFAULT_CAP}, 6)),
      ('exceeded', cap)) AS mark (level, reached_at)
    WHERE spent >= reached_at
    ON CONFLICT DO NOTHING RETURNING level
  )
  SELECT moved.*, ARRAY(SELECT level FROM marks) AS marks,
    (SELECT coalesce(jsonb_agg(jsonb_build_object('service', service, 'operation', operation, 'amount', amount::text)), '[]')
      FROM fresh) AS fresh,
    (SELECT status IN ${FINAL} FROM video_queue WHERE id = video_id) AS late
  FROM moved`;

export interface RecordedRow {
  spent: string;
  cap: string;
  seq: number;
  marks: Mark[];
  fresh: { service: string; operation: string; amount: string }[];
  late: boolean;
}

export function recordedOf(row: RecordedRow, stage: StageName | null): Recorded {
  return {
    state: { total: parseDollars(row.spent), seq: row.seq },
    cap: parseDollars(row.cap),
    stage,
    fresh: row.fresh.map((line) => ({ ...line, amount: parseDollars(line.amount) })),
    marks: row.marks,
    late: row.late,
  };
}

// The total moves only by rows that were really inserted, in the statement that inserts them.
const INSERT_CHARGES = `
  WITH fresh AS (
    INSERT INTO pipeline_costs (video_id, stage, attempt, ${CHARGE_COLUMNS}, state)
    SELECT $1, $2, $3, c.*, 'charged' FROM jsonb_to_recordset($4::jsonb) AS ${CHARGE_LINES}
    ON CONFLICT (video_id, key) DO NOTHING
    RETURNING service, operation, amount
  ), moved AS (
    UPDATE video_budget b SET
      spent = spent + (SELECT coalesce(sum(amount), 0) FROM fresh),
      seq = seq + (SELECT count(*) FROM fresh)
    WHERE video_id = $1
    RETURNING ${BUDGET_STATE}
  ) ${RECORDED}`;

async function refuseOtherAmounts(tx: Db, videoId: string, charges: readonly Charge[]): Promise<void> {
  const { rows } = await tx.query<{ key: string; amount: string }>(
    'SELECT key, amount FROM pipeline_costs WHERE video_id = $1 AND key = ANY($2)',
    [videoId, charges.map((charge) => charge.key)],
  );
  const recorded = new Map(rows.map((row) => [row.key, parseDollars(row.amount)]));
  const other = charges.find((charge) => recorded.get(charge.key) !== charge.amount);
  if (other) throw new Error(`charge ${other.key} is in the ledger with another amount`);
}
