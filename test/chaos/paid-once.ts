import type pg from 'pg';
import type { FakeOpenAi } from '../support/fakes/openai.ts';
import { type Check, listOf } from './check.ts';
import type { Victim } from './plan.ts';

/** Sentences of one video that may be in flight at once; its other paid calls come alone. */
const AT_ONCE = 8;

/**
 * Whose death may cut off a paid call: the worker makes it, Postgres records its answer, and without Temporal its
 * attempt is taken for lost. The API and Redis have no part in it.
 */
const CUTTING: readonly Victim[] = ['worker', 'postgres', 'temporal'];

const ROUTES = { script: 'chat', speech: 'speech', transcription: 'transcription' } as const;
type Operation = keyof typeof ROUTES;

/** What the service was asked, by route. */
type Requests = Record<(typeof ROUTES)[Operation], readonly { body: unknown }[]>;

/** The bill of one kind of call of one video. */
interface Bill {
  video_id: string;
  operation: Operation;
  /** Calls whose answer was recorded, and stored with that. */
  settled: number;
  /** Calls that were cut off: made or not, they are paid at their most. */
  assumed: number;
  /** Narrations that were finished. */
  narrations: number;
}

/** Looks at what the service was asked and at what the videos were billed, after these kills. */
export async function paidOnce(
  { requests }: FakeOpenAi,
  pool: pg.Pool,
  kills: Readonly<Record<string, number>>,
): Promise<Check> {
  const { rows } = await pool.query<Bill>(
    `SELECT video_id, operation, count(*) FILTER (WHERE state = 'settled')::int AS settled,
       count(*) FILTER (WHERE state = 'assumed')::int AS assumed,
       (SELECT count(*)::int FROM stage_runs r WHERE r.video_id = c.video_id
         AND stage = 'audio_synthesis' AND outcome = 'completed') AS narrations
     FROM pipeline_costs c WHERE operation = ANY ($1) GROUP BY video_id, operation`,
    [Object.keys(ROUTES)],
  );
  const wrong = paidAgain(requests, rows, kills);
  const told = sumsOf(requests, rows).map(
    ({ operation, calls, inputs, settled, assumed }) =>
      `${calls} of ${operation} (${inputs} inputs, ${settled} settled, ${assumed} assumed)`,
  );
  return {
    name: 'paid calls: each answer once, and again only what a kill cut off',
    ok: wrong.length === 0 && rows.length > 0,
    detail: `${told.join(', ')}${listOf(wrong)}`,
  };
}

/**
 * What no kill explains. A call is made again only when its answer was not recorded, and then its hold stands as
 * `assumed`: so there are at most as many calls as settled and assumed rows, and a video settles no input twice. A
 * script's input is its video's own; all videos say the same sentences, and two may buy one side by side, each once; a
 * narration is heard once. A video has one stage of paid calls at a time, so a death cuts off at most those in flight there.
 */
export function paidAgain(
  requests: Requests,
  bills: readonly Bill[],
  kills: Readonly<Record<string, number>>,
): unknown[] {
  const cuts = CUTTING.reduce((sum, victim) => sum + (kills[victim] ?? 0), 0);
  const sums = sumsOf(requests, bills);
  const sentences = inputsOf(requests.speech);
  return [
    ...sums.filter(({ calls, settled, assumed }) => calls > settled + assumed),
    ...sums.filter(({ operation, settled, inputs }) => operation === 'script' && settled > inputs),
    ...bills.filter(({ operation, settled }) => operation === 'speech' && settled > sentences),
    ...bills.filter((bill) => bill.operation === 'transcription' && bill.settled > bill.narrations),
    ...bills.filter(({ assumed }) => assumed > AT_ONCE * cuts),
  ];
}

function sumsOf(requests: Requests, bills: readonly Bill[]) {
  return (Object.keys(ROUTES) as Operation[]).map((operation) => {
    const own = bills.filter((bill) => bill.operation === operation);
    const sum = (what: 'settled' | 'assumed') => own.reduce((all, bill) => all + bill[what], 0);
    const asked = requests[ROUTES[operation]];
    const calls = asked.length;
    return { operation, calls, inputs: inputsOf(asked), settled: sum('settled'), assumed: sum('assumed') };
  });
}

function inputsOf(requests: readonly { body: unknown }[]): number {
  return new Set(requests.map(({ body }) => JSON.stringify(body))).size;
}
