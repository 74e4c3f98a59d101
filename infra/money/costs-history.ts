import { dollars } from '../../domain/money.ts';
import { COMPLEXITIES, type Complexity } from '../../domain/video.ts';
import type { Db } from '../stores/postgres.ts';

/** What completed videos of a complexity have cost; dollars. */
export interface CostHistory {
  videos: number;
  mean: number;
  /** Of the sample; null for a single video. */
  standard_deviation: number | null;
}

const VIDEOS_COUNTED = 200;

/** Of the newest 200 completed videos of each complexity; null where there is none. */
export async function readCostHistory(db: Db): Promise<Record<Complexity, CostHistory | null>> {
  const { rows } = await db.query<HistoryRow>(
    `SELECT complexity, count(spent) AS videos, avg(spent)::numeric(12,6) AS mean,
       stddev_samp(spent)::numeric(12,6) AS deviation
     FROM unnest($1::text[]) AS c(complexity) CROSS JOIN LATERAL (
       SELECT spent FROM video_queue q JOIN video_budget b ON b.video_id = q.id
       WHERE q.complexity = c.complexity AND q.status = 'completed'
       ORDER BY completed_at DESC LIMIT ${VIDEOS_COUNTED}) AS newest
     GROUP BY complexity`,
    [COMPLEXITIES],
  );
  const history: Record<Complexity, CostHistory | null> = { simple: null, complex: null, premium: null };
  for (const { complexity, videos, mean, deviation } of rows) {
    const standard_deviation = deviation === null ? null : dollars(deviation);
    history[complexity] = { videos, mean: dollars(mean), standard_deviation };
  }
  return history;
}

interface HistoryRow {
  complexity: Complexity;
  videos: number;
  mean: string;
  deviation: string | null;
}
