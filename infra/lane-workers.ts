import { randomUUID } from 'node:crypto';
import type { Lane } from '../domain/lanes.ts';
import type { Deps } from './deps.ts';
import { startOf } from './process-start.ts';
import { type Db, inTransaction, lockKey } from './stores/postgres.ts';

/** What a worker offers on a lane of its machine. */
export interface LaneOffer {
  slots: number;
  places: number;
  encoder: string;
}

/** Another worker has registered for the lane after this one's lease was over. */
export class LaneTakenOver extends Error {
  override name = 'LaneTakenOver';
}

/** A registration; it ends by itself when it is not renewed in time. */
export interface LaneLease {
  /** Throws a {@link LaneTakenOver} when another worker has taken the lane over. */
  renew(): Promise<void>;
  /** No new video is admitted to these places; call it before the worker shuts down. */
  drop(): Promise<void>;
}

interface Holder {
  pid: number;
  pid_started: string;
  living: boolean;
}

/**
 * Registers the one worker of a lane and machine, under a lease on Postgres time. A holder whose process is
 * gone, or whose lease is over, is replaced. Throws when a living worker holds the lane, and when this
 * machine's artifact store is not the one that the other workers use.
 */
export async function registerLane(deps: Deps, lane: Lane, offer: LaneOffer): Promise<LaneLease> {
  const { config, pool } = deps;
  const worker = `${config.machine.id}/${process.pid}/${randomUUID()}`;
  await checkStore(deps);
  const started = (await startOf(process.pid)) ?? '';
  await inTransaction(pool, async (tx) => {
    await tx.query(`SELECT pg_advisory_xact_lock(${lockKey(config.schema, 'lanes')})`);
    const holder = await holderOf(tx, config.machine.id, lane);
    if (holder?.living && (await isRunning(holder))) {
      throw new Error(`lane ${lane} of machine ${config.machine.id} is held by worker pid ${holder.pid}`);
    }
    await takeLane(tx, [config.machine.id, lane, worker, process.pid, started], offer, config.times.leaseMs);
  });
  return {
    renew: async () => {
      const { rowCount } = await pool.query(
        `UPDATE lane_workers SET lease_until = clock_timestamp() + $2 * interval '1 ms' WHERE worker = $1`,
        [worker, config.times.leaseMs],
      );
      if (rowCount === 0) {
        throw new LaneTakenOver(`lane ${lane} of machine ${config.machine.id} was taken over`);
      }
    },
    drop: async () => {
      await pool.query('DELETE FROM lane_workers WHERE worker = $1', [worker]);
    },
  };
}

/** Two machines with a private folder each must not share a queue: one could not read the other's files. */
async function checkStore({ pool, artifacts, config }: Deps): Promise<void> {
  const marker = await artifacts.marker();
  const { rows } = await pool.query<{ artifact_store: string }>(
    'UPDATE pipeline_state SET artifact_store = coalesce(artifact_store, $1) RETURNING artifact_store',
    [marker],
  );
  if (rows[0]?.artifact_store === marker) return;
  throw new Error(
    `the artifact store ${config.artifactsDir} is not the one that this database knows: share one folder between all workers`,
  );
}

async function holderOf(tx: Db, machineId: string, lane: Lane): Promise<Holder | undefined> {
  const { rows } = await tx.query<Holder>(
    `SELECT pid, pid_started, lease_until > clock_timestamp() AS living
     FROM lane_workers WHERE machine_id = $1 AND lane = $2`,
    [machineId, lane],
  );
  return rows[0];
}

async function takeLane(
  tx: Db,
  key: readonly unknown[],
  { slots, places, encoder }: LaneOffer,
  leaseMs: number,
): Promise<void> {
  await tx.query(
    `INSERT INTO lane_workers
       (machine_id, lane, worker, pid, pid_started, slots, places, encoder, lease_until)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, clock_timestamp() + $9 * interval '1 ms')
     ON CONFLICT (machine_id, lane) DO UPDATE SET worker = excluded.worker, pid = excluded.pid,
       pid_started = excluded.pid_started, slots = excluded.slots, places = excluded.places,
       encoder = excluded.encoder, lease_until = excluded.lease_until, registered_at = now()`,
    [...key, slots, places, encoder, leaseMs],
  );
}

async function isRunning({ pid, pid_started }: Holder): Promise<boolean> {
  return (await startOf(pid)) === pid_started;
}
