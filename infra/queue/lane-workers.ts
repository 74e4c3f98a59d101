import { randomUUID } from 'node:crypto';
import type { Lane } from '../../domain/lanes.ts';
import type { Deps } from '../deps.ts';
import type { GpuReservation } from '../gpu/memory.ts';
import { isLeftBehind, processMark } from '../processes/process-mark.ts';
import type { Config } from '../settings/config.ts';
import { codeVersion, STAGE_TABLE } from '../stages/stage-table.ts';
import { type Db, inTransaction, lockKey } from '../stores/postgres.ts';
import type { MachineFigures } from '../views/machine-figures.ts';

/** What a worker offers on a lane of its machine. */
export interface LaneOffer {
  slots: number;
  places: number;
  encoder: string;
  /** Id of the graphics card that encodes; '' or left out where none does. */
  device?: string;
}

/** How a lane does; all of it is left as it is where it is not given. */
export interface LaneReport {
  places?: number;
  /** Why it takes no work; null = it does. */
  trouble?: string | null;
  figures?: MachineFigures;
  reservations?: readonly GpuReservation[];
}

/** Another worker has registered for the lane after this one's lease was over. */
export class LaneTakenOver extends Error {
  override name = 'LaneTakenOver';
}

/** A registration; it ends by itself when it is not renewed in time. */
export interface LaneLease {
  /**
   * Answers how often operators have asked to clear the card's memory. Throws a {@link LaneTakenOver} when another
   * worker has taken the lane over.
   */
  renew(report?: LaneReport): Promise<number>;
  /** No new video is admitted to these places; call it before the worker shuts down. */
  drop(): Promise<void>;
}

interface Holder {
  machine_id: string;
  lane: Lane;
  device: string;
  pid: number;
  /** Its mark. */
  pid_started: string;
  stage_table: string | null;
}

/**
 * Registers the one worker of a lane and machine, or of a graphics card, under a lease on Postgres time. A holder that
 * is known here to be dead ({@link isLeftBehind}) is replaced at once, any other when its lease is over. Throws when a
 * living worker holds the lane or the card, or has another stage table, and when this machine's artifact store is not
 * the one that the other workers use.
 */
export async function registerLane(deps: Deps, lane: Lane, offer: LaneOffer): Promise<LaneLease> {
  const { config, pool } = deps;
  const { machine, times } = config;
  const worker = `${machine.id}/${process.pid}/${randomUUID()}`;
  await checkStore(deps);
  const mark = await processMark(machine.id);
  const own = [lane, machine.id, offer.device ?? ''];
  await inTransaction(pool, async (tx) => {
    await tx.query(`SELECT pg_advisory_xact_lock(${lockKey(config.schema, 'lanes')})`);
    const living = await livingHolders(tx, machine.id);
    requireSameStages(living);
    requireFree(living, config, lane, offer);
    await tx.query(`DELETE FROM lane_workers WHERE ${SAME_LANE}`, own);
    await insert(tx, [...own, worker, process.pid, mark], offer, config);
  });
  return {
    renew: async ({ places, trouble, figures, reservations } = {}) => {
      const { rows } = await pool.query<{ gpu_clears: number }>(
        `UPDATE lane_workers SET lease_until = clock_timestamp() + $2 * interval '1 ms', places = coalesce($3, places),
           trouble = CASE WHEN $4 THEN $5 ELSE trouble END,
           figures = coalesce($6::jsonb, figures), reservations = coalesce($7::jsonb, reservations)
         WHERE worker = $1 RETURNING gpu_clears`,
        [worker, times.leaseMs, places, trouble !== undefined, trouble, json(figures), json(reservations)],
      );
      if (rows[0]) return rows[0].gpu_clears;
      throw new LaneTakenOver(`lane ${lane} of machine ${machine.id} was taken over`);
    },
    drop: async () => {
      await pool.query('DELETE FROM lane_workers WHERE worker = $1', [worker]);
    },
  };
}

/** Throws when living lane workers have another stage table: videos would get the rules of now one, now the other. */
export async function requireStageTable({ pool, config }: Pick<Deps, 'pool' | 'config'>): Promise<void> {
  requireSameStages(await livingHolders(pool, config.machine.id));
}

/** The lane $1 of machine $2 with card $3, and the same card under another machine's name. */
const SAME_LANE = `lane = $1 AND machine_id = $2 AND device = $3 OR device = $3 AND device <> ''`;

/** Two machines with a private folder each must not share a queue: one could not read the other's files. */
export async function checkStore({ pool, artifacts }: Deps): Promise<void> {
  const marker = await artifacts.marker();
  const { rows } = await pool.query<{ artifact_store: string }>(
    'UPDATE pipeline_state SET artifact_store = coalesce(artifact_store, $1) RETURNING artifact_store',
    [marker],
  );
  if (rows[0]?.artifact_store === marker) return;
  throw new Error(
    `the artifact store ${artifacts.name} is not the one that this database knows: share one between all workers`,
  );
}

/** Workers whose lease runs, but for those that are known to be dead here. */
async function livingHolders(db: Db, machineId: string): Promise<Holder[]> {
  const { rows } = await db.query<Holder>(
    `SELECT machine_id, lane, device, pid, pid_started, stage_table FROM lane_workers
     WHERE lease_until > clock_timestamp()`,
  );
  const gone = await Promise.all(rows.map(({ pid_started }) => isLeftBehind(pid_started, machineId)));
  return rows.filter((_, i) => !gone[i]);
}

function requireSameStages(living: readonly Holder[]): void {
  const other = living.find(({ stage_table }) => stage_table !== null && stage_table !== STAGE_TABLE);
  if (!other) return;
  throw new Error(
    `worker pid ${other.pid} of machine ${other.machine_id} has stage table ${other.stage_table}, this one ` +
      `${STAGE_TABLE}: they are of different versions; stop the old workers before the new ones start`,
  );
}

function requireFree(
  living: readonly Holder[],
  { machine }: Config,
  lane: Lane,
  { device = '' }: LaneOffer,
): void {
  const isHere = (one: Holder) => one.lane === lane && one.machine_id === machine.id && one.device === device;
  const here = living.find(isHere);
  if (here) {
    const which = device === '' ? '' : ` with graphics card ${device}`;
    throw new Error(`lane ${lane} of machine ${machine.id}${which} is held by worker pid ${here.pid}`);
  }
  const elsewhere = device === '' ? undefined : living.find((one) => one.device === device);
  if (!elsewhere) return;
  throw new Error(
    `graphics card ${device} is held by worker pid ${elsewhere.pid} of machine ${elsewhere.machine_id}: ` +
      'set GPU_ID to another card',
  );
}

async function insert(
  tx: Db,
  key: readonly unknown[],
  { slots, places, encoder }: LaneOffer,
  { machine, times }: Config,
): Promise<void> {
  await tx.query(
    `INSERT INTO lane_workers (lane, machine_id, device, worker, pid, pid_started, slots, places, encoder,
       lease_until, cores, memory_bytes, version, stage_table)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, clock_timestamp() + $10 * interval '1 ms', $11, $12, $13, $14)`,
    [
      ...[...key, slots, places, encoder, times.leaseMs],
      ...[machine.cores, machine.memoryBytes, codeVersion(), STAGE_TABLE],
    ],
  );
}

function json(value: unknown): string | undefined {
  return value === undefined ? undefined : JSON.stringify(value);
}
