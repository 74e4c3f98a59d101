import { LANES, type Lane } from '../../domain/lanes.ts';
import { answerWithin } from '../answer-within.ts';
import type { Deps } from '../deps.ts';
import { listProviders, type ProviderView } from '../providers/registry.ts';

export const HEALTH = ['healthy', 'degraded', 'unhealthy', 'unavailable', 'unknown'] as const;

/** One part of the pipeline; `unavailable` is not there and not needed, `unknown` cannot be asked now. */
export interface Component {
  status: (typeof HEALTH)[number];
  /** Null while there is nothing to say. */
  reason: string | null;
}

export const COMPONENTS = ['database', 'redis', 'temporal', 'gpu', 'lanes', 'disk', 'providers'] as const;
type Components = Record<(typeof COMPONENTS)[number], Component>;

export interface DetailedHealth {
  /** unhealthy without the database, else degraded when any part is. */
  overall_status: 'healthy' | 'degraded' | 'unhealthy';
  components: Components;
  /** ISO 8601. */
  timestamp: string;
}

const ANSWER_MS = 2_000;
const HEALTHY: Component = { status: 'healthy', reason: null };

/** Asks every part, each for two seconds at most. Never throws. */
export async function readHealth(deps: Deps): Promise<DetailedHealth> {
  const [database, redis, temporal] = await Promise.all([
    answerOf(() => deps.pool.query('SELECT 1'), 'unhealthy', 'Postgres'),
    redisHealth(deps),
    answerOf(() => askTemporal(deps), 'degraded', 'Temporal'),
  ]);
  const rest = database.status === 'healthy' ? await storedHealth(deps).catch(() => null) : null;
  const components = { database, redis, temporal, ...(rest ?? UNKNOWN) };
  return {
    overall_status: overall(components),
    components,
    timestamp: new Date().toISOString(),
  };
}

const NOT_ASKED: Component = { status: 'unknown', reason: 'Postgres, which knows it, does not answer' };
const UNKNOWN = { gpu: NOT_ASKED, lanes: NOT_ASKED, disk: NOT_ASKED, providers: NOT_ASKED };

function overall(components: Components): DetailedHealth['overall_status'] {
  const all = Object.values(components).map(({ status }) => status);
  if (all.includes('unhealthy')) return 'unhealthy';
  return all.every((status) => status === 'healthy' || status === 'unavailable') ? 'healthy' : 'degraded';
}

async function answerOf(
  ask: () => Promise<unknown>,
  otherwise: Component['status'],
  name: string,
): Promise<Component> {
  try {
    await answerWithin(ANSWER_MS, ask);
    return HEALTHY;
  } catch (error) {
    return { status: otherwise, reason: `${name}: ${error instanceof Error ? error.message : 'no answer'}` };
  }
}

async function redisHealth({ events }: Deps): Promise<Component> {
  if (await events.isLive()) return HEALTHY;
  return {
    status: 'degraded',
    reason: 'Redis does not answer: streams show the rows only, no video is lost',
  };
}

async function askTemporal({ temporal }: Deps): Promise<void> {
  await temporal.withDeadline(Date.now() + ANSWER_MS, () => temporal.workflowService.getSystemInfo({}));
}

/** What Postgres knows: workers, disk and gates. */
async function storedHealth(deps: Deps): Promise<Pick<Components, 'gpu' | 'lanes' | 'disk' | 'providers'>> {
  const [workers, waiting, providers] = await Promise.all([
    deps.pool.query<WorkerRow>(
      `SELECT machine_id, lane, places, encoder, trouble, disk_low FROM lane_workers WHERE lease_until > clock_timestamp()`,
    ),
    deps.pool.query<Waiting>(
      `SELECT count(*) FILTER (WHERE complexity = 'complex') AS complex, count(*) AS all
       FROM video_queue WHERE status = 'queued'`,
    ),
    listProviders(deps),
  ]);
  return {
    gpu: gpuHealth(workers.rows),
    lanes: lanesHealth(workers.rows, waiting.rows[0] ?? { complex: 0, all: 0 }),
    disk: diskHealth(deps, workers.rows),
    providers: together(
      providers
        .filter(isShut)
        .map(
          ({ name, reason, closed_until }) =>
            `${name} is closed until ${closed_until ?? 'resumed'}: ${reason}`,
        ),
    ),
  };
}

/** Not one whose time is over: the next call tries it, and until then nobody waits for it. */
function isShut({ state, closed_until }: ProviderView): boolean {
  return state === 'closed' && !(closed_until && Date.parse(closed_until) <= Date.now());
}

interface WorkerRow {
  machine_id: string;
  lane: Lane;
  places: number;
  encoder: string;
  trouble: string | null;
  disk_low: boolean;
}

function gpuHealth(workers: readonly WorkerRow[]): Component {
  const own = workers.filter(({ lane }) => lane === 'gpu');
  const troubles = own.flatMap(({ machine_id, trouble }) =>
    trouble === null ? [] : [`the card of ${machine_id} does not encode: ${trouble}`],
  );
  if (troubles.length > 0) return together(troubles);
  if (own.some(({ encoder }) => encoder !== 'libx264')) return HEALTHY;
  const reason =
    own.length === 0 ? 'no gpu worker is alive' : 'no graphics card: the gpu lane encodes in software';
  return { status: 'unavailable', reason };
}

interface Waiting {
  complex: number;
  all: number;
}

/** What waits when a lane offers no places. */
const WITHOUT: Record<Lane, (waiting: Waiting) => string> = {
  gpu: ({ complex }) => `${complex} complex videos wait, premium ones are made on the cpu lane`,
  cpu: ({ all }) => `simple videos wait (${all} wait in all)`,
};

/** A machine without a graphics card lacks nothing until a video waits that only the gpu lane can make. */
function lanesHealth(workers: readonly WorkerRow[], waiting: Waiting): Component {
  const idle = LANES.filter((lane) => !workers.some((row) => row.lane === lane && row.places > 0));
  const missed = idle.filter((lane) => lane === 'cpu' || waiting.complex > 0);
  return together(
    missed.map((lane) => {
      const why = workers.some((row) => row.lane === lane) ? 'takes work' : 'is alive';
      return `no ${lane} worker ${why}: ${WITHOUT[lane](waiting)}`;
    }),
  );
}

function diskHealth({ config }: Deps, workers: readonly WorkerRow[]): Component {
  const floor = Math.round(config.minFreeDiskBytes / 1024 ** 2);
  const full = new Set(workers.filter((row) => row.disk_low).map((row) => row.machine_id));
  return together(
    [...full].map((machine) => `less than ${floor} MB are free on ${machine}: it takes no more videos`),
  );
}

function together(reasons: readonly string[]): Component {
  return reasons.length === 0 ? HEALTHY : { status: 'degraded', reason: reasons.join('; ') };
}
