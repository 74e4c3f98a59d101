import { dollars, type Micros, parseDollars } from '../../domain/money.ts';
import type { StageName } from '../../domain/stages.ts';
import type { Deps } from '../deps.ts';
import type { Db } from '../stores/postgres.ts';
import { SPENT } from './ledger.ts';

/** Dollars spent on a service, the charges that made them, and the mean of these. */
export interface ServiceCost {
  total: number;
  count: number;
  average: number;
}

/** What an attempt of a stage spent; both null for charges from outside of the stages. Dollars. */
export interface AttemptCost {
  stage: StageName | null;
  attempt: number | null;
  total: number;
  held: number;
  assumed: number;
  saved: number;
}

/** The money of one video; dollars. */
export interface VideoCosts {
  video_id: string;
  /** Charged and assumed, from the counter that is the gate. */
  total_cost: number;
  /** Set aside for calls under way. */
  held: number;
  /** Part of the total: nobody knows whether these calls were billed. */
  assumed: number;
  /** What stored answers would have cost again; no part of the total. */
  saved: number;
  cap: number;
  within_budget: boolean;
  breakdown: Record<string, ServiceCost>;
  stages: AttemptCost[];
}

const sum = (condition: string) => `coalesce(sum(amount) FILTER (WHERE ${condition}), 0)::text`;

const BY_SERVICE = `SELECT service, count(*) AS count, sum(amount)::text AS total,
  (sum(amount) / count(*))::numeric(12,6) AS average FROM pipeline_costs`;

/** All of one moment, so that the parts add up; null for an unknown video. */
export async function readVideoCosts(
  { pool }: Pick<Deps, 'pool'>,
  videoId: string,
): Promise<VideoCosts | null> {
  const { rows } = await pool.query<VideoRow>(
    `SELECT b.spent, b.held, b.cap, b.spent < b.cap AS within_budget,
       (SELECT ${sum(`state = 'assumed'`)} FROM pipeline_costs WHERE video_id = $1) AS assumed,
       (SELECT ${sum(`state = 'saved'`)} FROM pipeline_costs WHERE video_id = $1) AS saved,
       (SELECT coalesce(jsonb_agg(to_jsonb(s) ORDER BY service), '[]') FROM (
         ${BY_SERVICE} WHERE video_id = $1 AND ${SPENT} GROUP BY service) AS s) AS services,
       (SELECT coalesce(jsonb_agg(to_jsonb(a) - 'first' ORDER BY first), '[]') FROM (
         SELECT stage, attempt, min(id) AS first, ${sum(SPENT)} AS total, ${sum(`state = 'held'`)} AS held,
           ${sum(`state = 'assumed'`)} AS assumed, ${sum(`state = 'saved'`)} AS saved
         FROM pipeline_costs WHERE video_id = $1 GROUP BY stage, attempt) AS a) AS stages
     FROM video_budget b WHERE b.video_id = $1`,
    [videoId],
  );
  const row = rows[0];
  if (!row) return null;
  return {
    video_id: videoId,
    total_cost: dollars(row.spent),
    held: dollars(row.held),
    assumed: dollars(row.assumed),
    saved: dollars(row.saved),
    cap: dollars(row.cap),
    within_budget: row.within_budget,
    breakdown: breakdownOf(row.services),
    stages: row.stages.map(({ stage, attempt, ...amounts }) => ({
      stage,
      attempt,
      total: dollars(amounts.total),
      held: dollars(amounts.held),
      assumed: dollars(amounts.assumed),
      saved: dollars(amounts.saved),
    })),
  };
}

/** What is in the ledger under the id that a caller gave; null when nothing is. */
export async function readExternalCharge(
  db: Db,
  videoId: string,
  id: string,
): Promise<{ service: string; operation: string; amount: Micros } | null> {
  const { rows } = await db.query<{ service: string; operation: string; amount: string }>(
    'SELECT service, operation, amount FROM pipeline_costs WHERE video_id = $1 AND key = $2',
    [videoId, `external:${id}`],
  );
  return rows[0] ? { ...rows[0], amount: parseDollars(rows[0].amount) } : null;
}

/** As {@link breakdownOf} takes it. */
export interface ServiceRow {
  service: string;
  total: string;
  count: number;
  average: string | number;
}

interface VideoRow {
  spent: string;
  held: string;
  cap: string;
  within_budget: boolean;
  assumed: string;
  saved: string;
  services: ServiceRow[];
  stages: (Pick<AttemptCost, 'stage' | 'attempt'> & Record<'total' | 'held' | 'assumed' | 'saved', string>)[];
}

/** By name of the service. */
export function breakdownOf(rows: readonly ServiceRow[]): Record<string, ServiceCost> {
  return Object.fromEntries(
    rows.map(({ service, total, count, average }) => [
      service,
      { total: dollars(total), count, average: dollars(average) },
    ]),
  );
}
