import type { Lane } from '../../domain/lanes.ts';
import { MICROS_PER_DOLLAR } from '../../domain/money.ts';
import type { Complexity, FinalStatus } from '../../domain/video.ts';
import type { Deps } from '../deps.ts';
import { SPENT } from '../money/ledger.ts';
import { startOfToday } from '../money/report-days.ts';
import { createSpentInAll } from '../money/spent-in-all.ts';
import { uploadsLeftSql } from '../publish/quota.ts';
import { PLACES } from '../queue/places.ts';
import { FINAL } from '../stores/final-statuses.ts';
import { LANE_STAGES } from '../views/resources.ts';
import type { Metrics } from './metrics.ts';
import type { Source } from './scrape.ts';

type Parts = Pick<Deps, 'pool' | 'config' | 'metrics'>;

/**
 * Reads what Postgres knows of the pipeline, and shows it. Throws when Postgres is away; what it knew before is not shown
 * then, nor while it leaves us waiting.
 */
export function showStored({ pool, config, metrics }: Parts): Source {
  const { youtube, money } = config;
  const spentInAll = createSpentInAll({ pool });
  return async () => {
    metrics.show('ytempire_postgres_up', [[{}, 0]]);
    showRow(metrics, NOTHING);
    metrics.show('ytempire_spend_dollars_total', []);
    const [{ rows }, spent] = await Promise.all([
      pool.query<StoredRow>(storedSql(money.timeZone), [LANE_STAGES, youtube.uploadsPerDay]),
      spentInAll(),
    ]);
    if (!rows[0]) throw new Error('pipeline_state has no row');
    showRow(metrics, rows[0]);
    metrics.show(
      'ytempire_spend_dollars_total',
      [...spent].map(([service, amount]) => [{ service }, amount / MICROS_PER_DOLLAR]),
    );
    const limit = money.dailyLimit;
    metrics.show('ytempire_daily_limit_dollars', limit === null ? [] : [[{}, limit / MICROS_PER_DOLLAR]]);
    metrics.show('ytempire_postgres_up', [[{}, 1]]);
  };
}

type LaneFigure = 'places_offered' | 'places_used' | 'slots_offered' | 'slots_used' | 'workers';

interface StoredRow {
  figures: Figures | null;
  queue: { lane: Lane; complexity: Complexity; n: number; oldest_s: number }[];
  lanes: ({ lane: Lane } & Record<LaneFigure, number>)[];
  ended: { status: FinalStatus; n: number }[];
  providers: { name: string; open: number }[];
}

/** Values without labels. */
interface Figures {
  paused: number;
  disks_low: number;
  spent_today: number;
  holds: number;
  held: number;
  caps: number;
  uploads_left: number;
}

const NOTHING: StoredRow = { figures: null, queue: [], lanes: [], ended: [], providers: [] };

function showRow(metrics: Metrics, row: StoredRow): void {
  metrics.show(
    'ytempire_queue_depth',
    row.queue.map(({ lane, complexity, n }) => [{ lane, complexity }, n]),
  );
  const ages = row.queue.map(({ oldest_s }) => oldest_s);
  metrics.show('ytempire_queue_oldest_seconds', ages.length === 0 ? [] : [[{}, Math.max(...ages)]]);
  const byLane = (figure: LaneFigure) =>
    row.lanes.map(({ lane, ...figures }) => [{ lane }, figures[figure]] as const);
  metrics.show('ytempire_places_offered', byLane('places_offered'));
  metrics.show('ytempire_places_used', byLane('places_used'));
  metrics.show('ytempire_slots_offered', byLane('slots_offered'));
  metrics.show('ytempire_slots_used', byLane('slots_used'));
  metrics.show('ytempire_lane_workers', byLane('workers'));
  metrics.show(
    'ytempire_videos_ended',
    row.ended.map(({ status, n }) => [{ status }, n]),
  );
  metrics.show(
    'ytempire_provider_open',
    row.providers.map(({ name, open }) => [{ provider: name }, open]),
  );
  showFigures(metrics, row.figures);
}

function showFigures(metrics: Metrics, figures: Figures | null): void {
  const one = (figure: keyof Figures): [[Record<never, string>, number]] | [] => {
    return figures === null ? [] : [[{}, figures[figure]]];
  };
  metrics.show('ytempire_pipeline_paused', one('paused'));
  metrics.show('ytempire_disks_low', one('disks_low'));
  metrics.show('ytempire_spend_today_dollars', one('spent_today'));
  metrics.show('ytempire_holds', one('holds'));
  metrics.show('ytempire_held_dollars', one('held'));
  metrics.show('ytempire_caps_dollars', one('caps'));
  metrics.show('ytempire_uploads_left', one('uploads_left'));
}

const LIVING = 'lease_until > clock_timestamp()';

/** Rows as a JSON array, which is empty when there are none. */
const rowsOf = (sql: string) => `(SELECT coalesce(jsonb_agg(r), '[]') FROM (${sql}) AS r)`;

/**
 * Prometheus knows floats only; here is where amounts become such, and no further than to it. Without an end the planner
 * takes a day whose begin it does not know for a third of the ledger, and reads all of it.
 */
const storedSql = (timeZone: string) => `
  SELECT (SELECT to_jsonb(f) FROM (SELECT
      s.paused::int AS paused,
      (SELECT count(DISTINCT machine_id) FROM lane_workers WHERE disk_low AND ${LIVING}) AS disks_low,
      (SELECT coalesce(sum(amount), 0)::float8 FROM pipeline_costs
        WHERE ${SPENT} AND timestamp >= ${startOfToday(timeZone)} AND timestamp < 'infinity') AS spent_today,
      (SELECT count(*) FROM pipeline_costs WHERE state = 'held') AS holds,
      (SELECT coalesce(sum(amount), 0)::float8 FROM pipeline_costs WHERE state = 'held') AS held,
      (SELECT coalesce(sum(cap), 0)::float8 FROM video_queue JOIN video_budget ON video_id = id
        WHERE status = 'processing') AS caps,
      ${uploadsLeftSql('clock_timestamp()', '$2')} AS uploads_left) AS f) AS figures,
    ${rowsOf(`SELECT CASE WHEN complexity = 'simple' OR cpu_only THEN 'cpu' ELSE 'gpu' END AS lane, complexity,
      count(*) AS n, extract(epoch FROM clock_timestamp() - min(created_at))::float8 AS oldest_s
      FROM video_queue WHERE status = 'queued' GROUP BY 1, 2`)} AS queue,
    ${rowsOf(`SELECT l.lane, w.*,
      (SELECT count(*) FROM video_queue q WHERE q.lane = l.lane AND status = 'processing') AS places_used,
      (SELECT count(*) FROM video_queue q JOIN stage_runs r ON r.video_id = q.id AND r.admission_no = q.admission_no
        WHERE q.lane = l.lane AND q.status = 'processing' AND r.ended_at IS NULL AND r.stage = ANY ($1)) AS slots_used
      FROM (VALUES ('gpu'), ('cpu')) AS l(lane), LATERAL (
        SELECT count(*) AS workers, coalesce(sum(${PLACES}), 0) AS places_offered, coalesce(sum(slots), 0) AS slots_offered
        FROM lane_workers w WHERE w.lane = l.lane AND ${LIVING}) AS w`)} AS lanes,
    ${rowsOf(`SELECT status, count(*) AS n FROM video_queue
      WHERE completed_at IS NOT NULL AND status IN ${FINAL} GROUP BY status`)} AS ended,
    ${rowsOf(`SELECT name, (state = 'open' OR coalesce(closed_until <= clock_timestamp(), false))::int AS open
      FROM provider_state`)} AS providers
  FROM pipeline_state s`;
