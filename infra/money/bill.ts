import { dollars, parseDollars, toDollars } from '../../domain/money.ts';
import type { Bill, BillLine } from '../../domain/results.ts';
import type { Db } from '../stores/postgres.ts';
import { SPENT } from './ledger.ts';

/**
 * Every charge of the video with its total, and what stored answers saved, in the order in which they were
 * recorded. Holds and what became of them are the ledger's own business. Throws for an unknown video.
 */
export async function billOf(db: Db, videoId: string): Promise<Bill> {
  const { rows } = await db.query<BillRow>(
    `SELECT b.cap, b.spent, c.stage, c.service, c.operation, c.quantity, c.unit, c.amount, c.state
     FROM video_budget b LEFT JOIN pipeline_costs c
       ON c.video_id = b.video_id AND (${SPENT} OR state = 'saved')
     WHERE b.video_id = $1 ORDER BY c.id`,
    [videoId],
  );
  const first = rows[0];
  if (!first) throw new Error(`video ${videoId} has no budget`);
  const total = parseDollars(first.spent);
  const cap = parseDollars(first.cap);
  const lines = rows.flatMap((row) => (row.amount === null ? [] : [billLine(row, row.amount)]));
  return {
    video_id: videoId,
    currency: 'USD',
    total_cost: toDollars(total),
    cap: toDollars(cap),
    within_budget: total < cap,
    charges: lines.filter(({ state }) => state !== 'saved'),
    saved: lines.filter(({ state }) => state === 'saved'),
  };
}

interface BillRow extends Omit<BillLine, 'amount' | 'quantity'> {
  cap: string;
  spent: string;
  quantity: string;
  amount: string | null;
}

function billLine(row: BillRow, amount: string): BillLine {
  return {
    stage: row.stage,
    service: row.service,
    operation: row.operation,
    quantity: Number(row.quantity),
    unit: row.unit,
    amount: dollars(amount),
    state: row.state,
  };
}
