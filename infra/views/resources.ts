import { gpuBudget } from '../../domain/gpu.ts';
import { CPU_JOB_BYTES, LANES, type Lane } from '../../domain/lanes.ts';
import { STAGES } from '../../domain/stages.ts';
import type { Deps } from '../deps.ts';
import type { GpuReservation } from '../gpu/memory.ts';
import { PLACES } from '../queue/places.ts';
import type { GpuFigures, MachineFigures } from './machine-figures.ts';

/** A stage that runs on a lane. */
export interface Allocation {
  video_id: string;
  stage: string;
  machine_id: string;
  /** Graphics memory on a card, else main memory. */
  memory_mb: number;
  age_s: number;
}

export interface LaneStatus {
  slots: number;
  /** Places that living workers offer, those that videos hold, and the rest. */
  places: number;
  places_used: number;
  places_free: number;
  running: number;
  /** Videos that wait for a place, premium ones at gpu. */
  waiting: number;
}

/** One lane of one machine. */
export interface LaneWorker {
  lane: Lane;
  pid: number;
  slots: number;
  places: number;
  running: number;
  encoder: string;
  /** UUID of the graphics card; null where none encodes. */
  device: string | null;
  gpu: GpuFigures | null;
  memory_allocated_mb: number;
  /** Why it takes no work. */
  trouble: string | null;
  version: string | null;
  up_s: number;
}

export interface MachineStatus {
  machine_id: string;
  cores: number;
  cpu_percent: number | null;
  memory_total_mb: number;
  memory_available_mb: number | null;
  lanes: LaneWorker[];
}

export interface ResourceStatus {
  cpu: {
    cores_available: number;
    active_jobs: number;
    cpu_percent: number;
    memory_used_mb: number;
    memory_available_mb: number;
  };
  gpu: GpuTotals;
  allocations: Record<Lane, Allocation[]>;
  lanes: Record<Lane, LaneStatus>;
  machines: MachineStatus[];
}

type GpuTotals = { [K in keyof GpuFigures]: GpuFigures[K] | null } & {
  active_jobs: number;
  memory_allocated_mb: number;
  memory_available_mb: number;
};

interface WorkerRow {
  machine_id: string;
  lane: Lane;
  device: string;
  pid: number;
  slots: number;
  places: number;
  encoder: string;
  cores: number | null;
  memory_bytes: number | null;
  version: string | null;
  trouble: string | null;
  figures: Partial<MachineFigures>;
  reservations: GpuReservation[];
  up_s: number;
}

interface RunRow {
  run: number;
  video_id: string;
  stage: string;
  lane: Lane;
  worker: string;
  age_s: number;
}

const MIB = 1024 ** 2;

/** Who works on what, on which machine, as of now; figures of machines are up to 5 s old. */
export async function readResources({ pool }: Pick<Deps, 'pool'>): Promise<ResourceStatus> {
  const [workers, runs, queue] = await Promise.all([
    pool.query<WorkerRow>(WORKERS),
    pool.query<RunRow>(RUNS, [LANE_STAGES]),
    pool.query<{ lane: Lane; used: number; waiting: number }>(QUEUE),
  ]);
  const machines = machinesOf(workers.rows, runs.rows);
  const allocations = allocationsOf(workers.rows, runs.rows);
  return {
    cpu: cpuTotals(machines, allocations.cpu.length),
    gpu: gpuTotals(workers.rows, allocations.gpu.length),
    allocations,
    lanes: byLane((lane) => {
      const { used = 0, waiting = 0 } = queue.rows.find((row) => row.lane === lane) ?? {};
      const own = workers.rows.filter((row) => row.lane === lane);
      const places = sum(own.map((row) => row.places));
      return {
        slots: sum(own.map((row) => row.slots)),
        places,
        places_used: used,
        places_free: Math.max(0, places - used),
        running: allocations[lane].length,
        waiting,
      };
    }),
    machines,
  };
}

const WORKERS = `
  SELECT machine_id, lane, device, pid, slots, ${PLACES} AS places, encoder, cores, memory_bytes, version, trouble,
    figures, reservations, extract(epoch FROM clock_timestamp() - registered_at)::float8 AS up_s
  FROM lane_workers WHERE lease_until > clock_timestamp() ORDER BY machine_id, lane DESC, device`;

/** Stages whose attempts take a slot of a lane. */
export const LANE_STAGES = Object.values(STAGES).flatMap(({ name, queue }) =>
  queue === 'lane' ? [name] : [],
);

/** Attempts of lane stages without an end, of videos in production. */
const RUNS = `
  SELECT r.id AS run, r.video_id, r.stage, r.lane, r.worker,
    extract(epoch FROM clock_timestamp() - r.started_at)::float8 AS age_s
  FROM video_queue q JOIN stage_runs r ON r.video_id = q.id AND r.admission_no = q.admission_no
  WHERE q.status = 'processing' AND r.ended_at IS NULL
    AND r.stage = ANY ($1)
  ORDER BY r.started_at`;

const QUEUE = `
  SELECT l.lane, (SELECT count(*) FROM video_queue q WHERE q.lane = l.lane AND status = 'processing') AS used,
    (SELECT count(*) FROM video_queue WHERE status = 'queued'
      AND (l.lane = 'cpu') = (complexity = 'simple' OR cpu_only)) AS waiting
  FROM (VALUES ('gpu'), ('cpu')) AS l(lane)`;

function machinesOf(workers: readonly WorkerRow[], runs: readonly RunRow[]): MachineStatus[] {
  return [...new Set(workers.map(({ machine_id }) => machine_id))].map((machine_id) => {
    const own = workers.filter((row) => row.machine_id === machine_id);
    const figures = own.map((row) => row.figures).find(({ cpu_percent }) => cpu_percent !== undefined);
    return {
      machine_id,
      cores: Math.max(...own.map(({ cores }) => cores ?? 0)),
      cpu_percent: figures?.cpu_percent ?? null,
      memory_total_mb: Math.floor(Math.max(...own.map(({ memory_bytes }) => memory_bytes ?? 0)) / MIB),
      memory_available_mb: figures?.memory_available_mb ?? null,
      lanes: own.map((row) => laneWorkerOf(row, runs)),
    };
  });
}

function laneWorkerOf(row: WorkerRow, runs: readonly RunRow[]): LaneWorker {
  const { lane, pid, slots, places, encoder, trouble, version } = row;
  return {
    ...{ lane, pid, slots, places, encoder, trouble, version },
    running: runs.filter((run) => isOf(run, row)).length,
    device: row.device || null,
    gpu: row.figures.gpu ?? null,
    memory_allocated_mb: megabytes(sum(row.reservations.map(({ bytes }) => bytes))),
    up_s: Math.round(row.up_s),
  };
}

function allocationsOf(workers: readonly WorkerRow[], runs: readonly RunRow[]): Record<Lane, Allocation[]> {
  const allocate = ({ run, video_id, stage, worker, lane, age_s }: RunRow): Allocation => {
    const machine_id = worker.slice(0, worker.lastIndexOf('/'));
    const own = workers.find((row) => isOf({ worker, lane }, row));
    const reserved = own?.reservations.find((reservation) => reservation.run === run)?.bytes ?? 0;
    const onCard = lane === 'gpu' && own?.device !== '';
    return {
      ...{ video_id, stage, machine_id },
      memory_mb: megabytes(onCard ? reserved : CPU_JOB_BYTES),
      age_s: Math.round(age_s * 10) / 10,
    };
  };
  return byLane((lane) => runs.filter((run) => run.lane === lane).map(allocate));
}

function isOf({ worker, lane }: Pick<RunRow, 'worker' | 'lane'>, row: WorkerRow): boolean {
  return worker === `${row.machine_id}/${row.pid}` && lane === row.lane;
}

function cpuTotals(machines: readonly MachineStatus[], jobs: number): ResourceStatus['cpu'] {
  const percents = machines.flatMap(({ cpu_percent }) => (cpu_percent === null ? [] : [cpu_percent]));
  return {
    cores_available: sum(machines.map(({ cores }) => cores)),
    active_jobs: jobs,
    cpu_percent: percents.length === 0 ? 0 : Math.round((10 * sum(percents)) / percents.length) / 10,
    memory_used_mb: megabytes(jobs * CPU_JOB_BYTES),
    memory_available_mb: sum(machines.map(({ memory_available_mb }) => memory_available_mb ?? 0)),
  };
}

/** All cards together; name, use and temperature are those of the first. */
function gpuTotals(workers: readonly WorkerRow[], jobs: number): GpuTotals {
  const cards = workers.filter(({ lane, device }) => lane === 'gpu' && device !== '');
  const first = cards.map(({ figures }) => figures.gpu).find((gpu) => gpu);
  const allocated = sum(cards.flatMap(({ reservations }) => reservations.map(({ bytes }) => bytes)));
  const budget = sum(
    cards.map(({ figures: { gpu } }) =>
      gpuBudget(gpu?.gpu_memory_total_mb ? gpu.gpu_memory_total_mb * MIB : null),
    ),
  );
  return {
    gpu_name: first?.gpu_name ?? null,
    gpu_memory_used_mb: first?.gpu_memory_used_mb ?? null,
    gpu_memory_total_mb: first?.gpu_memory_total_mb ?? null,
    gpu_utilization: first?.gpu_utilization ?? null,
    gpu_temperature: first?.gpu_temperature ?? null,
    active_jobs: jobs,
    memory_allocated_mb: megabytes(allocated),
    memory_available_mb: megabytes(Math.max(0, budget - allocated)),
  };
}

function byLane<T>(of: (lane: Lane) => T): Record<Lane, T> {
  return Object.fromEntries(LANES.map((lane) => [lane, of(lane)])) as Record<Lane, T>;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}

function megabytes(bytes: number): number {
  return Math.round(bytes / MIB);
}
