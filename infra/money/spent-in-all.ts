import type { Micros } from '../../domain/money.ts';
import type { Deps } from '../deps.ts';
import { SPENT } from './ledger.ts';

/**
 * Lines up to this one stay as they are: all of them are committed, since no transaction lives for ten minutes, and none
 * is a hold any more.
 */
const SETTLED_TO = `least(
  (SELECT id FROM pipeline_costs WHERE timestamp < clock_timestamp() - interval '10 minutes' ORDER BY timestamp DESC LIMIT 1),
  (SELECT min(id) - 1 FROM pipeline_costs WHERE state = 'held'))`;

const SUMS = `
  WITH settled AS MATERIALIZED (SELECT greatest($1, coalesce(${SETTLED_TO}, 0)) AS last)
  SELECT last, service, sum(amount * 1000000)::bigint AS amount, id <= last AS settled
  FROM settled LEFT JOIN pipeline_costs ON id > $1 AND ${SPENT}
  GROUP BY last, service, id <= last`;

interface SumRow {
  last: number;
  /** Null: there is no line after the last. */
  service: string | null;
  amount: Micros;
  settled: boolean;
}

/**
 * What was ever spent, by service. The ledger only grows: each call reads what has come since, and those that come while
 * one reads get its answer. Throws when Postgres is away.
 */
export function createSpentInAll({ pool }: Pick<Deps, 'pool'>): () => Promise<Map<string, Micros>> {
  const settled = new Map<string, Micros>();
  let last = 0;
  let reading: Promise<Map<string, Micros>> | null = null;
  const read = async () => {
    const { rows } = await pool.query<SumRow>(SUMS, [last]);
    for (const row of rows) if (row.settled) add(settled, row);
    last = rows[0]?.last ?? last;
    const all = new Map(settled);
    for (const row of rows) if (!row.settled) add(all, row);
    return all;
  };
  return () => {
    reading ??= read().finally(() => {
      reading = null;
    });
    return reading;
  };
}

function add(sums: Map<string, Micros>, { service, amount }: SumRow): void {
  if (service !== null) sums.set(service, (sums.get(service) ?? 0) + amount);
}
