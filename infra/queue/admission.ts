import { type FreePlaces, type Lane, laneFor } from '../../domain/lanes.ts';
import { COMPLEXITIES, type Complexity } from '../../domain/video.ts';
import type { Deps } from '../deps.ts';
import { roomToday } from '../money/caps.ts';
import type { Config } from '../settings/config.ts';
import { type Db, inTransaction, lockKey } from '../stores/postgres.ts';
import { type AdmittedVideo, deliverAdmitted } from '../temporal/temporal.ts';
import { PLACES } from './places.ts';
import { ADMISSIBLE, ADMISSION_ORDER, STARTABLE } from './queue-order.ts';

/** A video that admission has just taken. */
export interface Admission extends AdmittedVideo {
  /** Since its order. */
  waited_s: number;
}

/**
 * Gives every free place to the waiting video with the highest score that may take it, and tells their
 * workflows. Called after whatever may have freed a place or made a video ready; `freedAtMs` says when, on the clock of
 * `performance.now()`, where it was a place. Returns those admitted.
 */
export async function admit(deps: Deps, freedAtMs?: number): Promise<Admission[]> {
  const admitted = await commitAdmission(deps);
  if (freedAtMs !== undefined) {
    const latency_s = (performance.now() - freedAtMs) / 1000;
    for (const _ of admitted) deps.metrics.observe('ytempire_admission_latency_seconds', {}, latency_s);
  }
  await deliverAll(deps, admitted);
  return admitted;
}

/** The part of {@link admit} that decides: one transaction, committed before anybody is told. */
export function commitAdmission(deps: Deps): Promise<Admission[]> {
  return inTransaction(deps.pool, async (tx) => {
    await lockAdmission(tx, deps.config.schema);
    return fillPlaces(tx, deps.config);
  });
}

/**
 * Admits until nothing fits, neither into the places nor under the limits of money, in a transaction that began
 * with {@link lockAdmission}. Deliver what it returns.
 */
export async function fillPlaces(tx: Db, config: Pick<Config, 'money'>): Promise<Admission[]> {
  const admitted: Admission[] = [];
  const free = await freePlaces(tx);
  for (;;) {
    const video = free && (await admitNext(tx, free, config));
    if (!video) return admitted;
    free[video.lane] -= 1;
    admitted.push(video);
  }
}

/**
 * Publishes and delivers each admission. One that cannot be delivered keeps its place, and reconcile delivers
 * it again. Never throws.
 */
export async function deliverAll(deps: Deps, admitted: readonly Admission[]): Promise<void> {
  for (const { admission_no, waited_s, lane } of admitted) {
    if (admission_no === 1) deps.metrics.observe('ytempire_queue_wait_seconds', { lane }, waited_s);
  }
  await Promise.all(
    admitted.flatMap((video) => {
      const { id: video_id, lane, admission_no } = video;
      return [
        deps.events.publish({ type: 'video.admitted', video_id, lane, admission_no }),
        deliver(deps, video),
      ];
    }),
  );
}

/** Delivers one admission; false, and a line in the log, when its workflow could not be told. */
export async function deliver(deps: Deps, video: AdmittedVideo): Promise<boolean> {
  try {
    const delivered = await deps.tracing.within(video.trace_parent, () =>
      deliverAdmitted(deps.temporal, deps.config, video),
    );
    if (!delivered)
      deps.log.warn({ video_id: video.id }, 'its workflow was ended, reconcile settles the video');
    return delivered;
  } catch (error) {
    deps.log.warn({ err: error, video_id: video.id }, 'admission not delivered, reconcile will');
    return false;
  }
}

/**
 * Takes the lock under which rows enter the queue and leave it for production, until the transaction ends.
 * It has to be the transaction's first statement: a statement that waits for it inside would go on with the
 * snapshot from before the wait, and admit too many.
 */
export async function lockAdmission(tx: Db, schema: string): Promise<void> {
  await tx.query(`SELECT pg_advisory_xact_lock(${lockKey(schema, 'admission')})`);
}

/** Places that living workers offer beyond the videos in production; null while everything is paused. */
async function freePlaces(tx: Db): Promise<FreePlaces | null> {
  const { rows } = await tx.query<{ lane: Lane; free: number; paused: boolean }>(
    `SELECT lane, s.paused,
       coalesce((SELECT sum(${PLACES}) FROM lane_workers w
         WHERE w.lane = l.lane AND lease_until > clock_timestamp()), 0)
       - (SELECT count(*) FROM video_queue q WHERE q.lane = l.lane AND status = 'processing') AS free
     FROM (VALUES ('gpu'), ('cpu')) AS l(lane), pipeline_state s`,
  );
  if (rows.some((row) => row.paused)) return null;
  const free: FreePlaces = { gpu: 0, cpu: 0 };
  for (const row of rows) free[row.lane] = row.free;
  return free;
}

/** A video that no graphics card has memory for goes where simple ones go. */
const TREATED_AS = `CASE WHEN cpu_only THEN 'simple' ELSE complexity END`;

/** The status is asked for twice: an end takes no admission lock, and after a wait for it only the outer one is asked again. */
async function admitNext(
  tx: Db,
  free: FreePlaces,
  { money }: Pick<Config, 'money'>,
): Promise<Admission | null> {
  const lanes = lanesNow(free);
  if (Object.keys(lanes).length === 0) return null;
  const { rows } = await tx.query<Admission>(
    `WITH ${roomToday(money)}
     UPDATE video_queue SET status = 'processing', lane = $1::jsonb ->> ${TREATED_AS},
       admission_no = admission_no + 1, claimed_by = NULL, not_before = NULL,
       admitted_at = clock_timestamp(), processing_started_at = clock_timestamp()
     WHERE id = (SELECT id FROM video_queue WHERE ${ADMISSIBLE} AND $1::jsonb ? ${TREATED_AS}
       ORDER BY ${ADMISSION_ORDER} LIMIT 1)
       AND status = 'queued'
     RETURNING ${STARTABLE}, admission_no, lane,
       extract(epoch FROM admitted_at - created_at)::float8 AS waited_s`,
    [JSON.stringify(lanes)],
  );
  return rows[0] ?? null;
}

/** The lane of each complexity that can be admitted now. */
function lanesNow(free: FreePlaces): Partial<Record<Complexity, Lane>> {
  const lanes: Partial<Record<Complexity, Lane>> = {};
  for (const complexity of COMPLEXITIES) {
    const lane = laneFor(complexity, free);
    if (lane) lanes[complexity] = lane;
  }
  return lanes;
}
