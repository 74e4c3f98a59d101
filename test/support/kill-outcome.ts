import { expect } from 'vitest';
import { speechUsage } from '../../activities/providers/speech-files.ts';
import type { SpendState } from '../../domain/budget.ts';
import { SPEND_QUERY, workflowIdOf } from '../../domain/contract.ts';
import type { PipelineEvent } from '../../domain/events.ts';
import { type Micros, parseDollars } from '../../domain/money.ts';
import type { VideoCosts } from '../../infra/money/costs.ts';
import { spendOf } from '../../infra/money/ledger.ts';
import { priceUsage } from '../../infra/money/prices.ts';
import type { VideoView } from '../../infra/views/video-view.ts';
import { type KillPoint, type Operation, PAID_CALLS } from './kill-points.ts';
import type { PaidWorld } from './paid-world.ts';

/** What a video had become after a kill, and what it cost by everybody's account. */
export interface KillOutcome {
  events: PipelineEvent[];
  view: VideoView;
  costs: VideoCosts;
  totals: { ledger: Micros; workflow: Micros; api: Micros; held: Micros };
  /** Ends of the attempts, by stage. */
  runs: Record<string, string[]>;
  operations: Record<Operation, Account>;
}

/** One kind of paid call: what the service saw and bills, and what the ledger says. */
interface Account {
  /** How often each input was asked for. */
  calls: number[];
  billed: Micros;
  /** Charged and assumed. */
  ledger: Micros;
  assumed: number;
  saved: number;
}

export async function outcomeOf(
  world: PaidWorld,
  videoId: string,
  events: PipelineEvent[],
): Promise<KillOutcome> {
  const { deps, api } = world.processes;
  const json = async <T>(path: string) => (await (await fetch(`${api}${path}`)).json()) as T;
  const view = await json<VideoView>(`/pipeline/status/${videoId}`);
  const costs = await json<VideoCosts>(`/costs/video/${videoId}`);
  const { total: ledger, held } = await spendOf(deps.pool, videoId);
  const spend = await deps.temporal.workflow.getHandle(workflowIdOf(videoId)).query<SpendState>(SPEND_QUERY);
  const lines = await linesOf(world);
  const sum = lines.reduce((all, line) => all + (line.spent ? line.amount : 0), 0);
  expect(ledger, 'the counter is the sum of the rows').toBe(sum);
  const runs = await deps.pool.query<{ stage: string; outcome: string }>(
    'SELECT stage, outcome FROM stage_runs ORDER BY id',
  );
  const operations = Object.keys(PAID_CALLS) as Operation[];
  return {
    ...{ events, view, costs },
    totals: { ledger, workflow: spend.total, api: parseDollars(costs.total_cost), held },
    runs: Object.fromEntries(
      Object.values(PAID_CALLS).map(({ stage }) => [
        stage,
        runs.rows.flatMap((run) => (run.stage === stage ? [run.outcome] : [])),
      ]),
    ),
    operations: Object.fromEntries(
      operations.map((operation) => [operation, accountOf(world, operation, lines)]),
    ) as Record<Operation, Account>,
  };
}

interface Line {
  operation: string;
  state: string;
  amount: Micros;
  spent: boolean;
}

async function linesOf({ processes }: PaidWorld): Promise<Line[]> {
  const { rows } = await processes.deps.pool.query<{ operation: string; state: string; amount: string }>(
    'SELECT operation, state, amount FROM pipeline_costs',
  );
  return rows.map((row) => ({
    ...row,
    amount: parseDollars(row.amount),
    spent: row.state === 'charged' || row.state === 'assumed',
  }));
}

function accountOf(world: PaidWorld, operation: Operation, lines: readonly Line[]): Account {
  const own = lines.filter((line) => line.operation === operation);
  const count = (state: string) => own.filter((line) => line.state === state).length;
  const inputs = inputsOf(world, operation);
  const charged = own.reduce((sum, line) => sum + (line.state === 'charged' ? line.amount : 0), 0);
  // Every answer to a question of these kinds costs the same.
  const each = charged / count('settled');
  return {
    calls: [...new Set(inputs)].map((input) => inputs.filter((other) => other === input).length),
    billed: inputs.reduce(
      (sum, input) => sum + (operation === 'speech' ? speechPrice(world, input) : each),
      0,
    ),
    ledger: own.reduce((sum, line) => sum + (line.spent ? line.amount : 0), 0),
    assumed: count('assumed'),
    saved: count('saved'),
  };
}

function inputsOf({ openai: { requests }, pexels }: PaidWorld, operation: Operation): string[] {
  if (operation === 'speech') return requests.speech.map(({ body }) => String(body['input']));
  if (operation === 'search') return pexels.paths.filter((path) => path.startsWith('/videos/search'));
  const route = operation === 'script' ? 'chat' : 'transcription';
  return requests[route].map(({ body }) => JSON.stringify(body));
}

function speechPrice({ prices, openai }: PaidWorld, input: string): Micros {
  const model = String(openai.requests.speech[0]?.body['model']);
  return priceUsage(prices, speechUsage([input], 'loopback', model));
}

/** After the kills everything was made, nothing finished was asked for again, and no bill is too low. */
export function expectNothingLost(
  { events, view, totals, runs, operations }: KillOutcome,
  killed: Operation,
  points: readonly KillPoint[],
): void {
  expect(events.at(-1)).toMatchObject({ type: 'video.completed' });
  expect(view).toMatchObject({ status: 'completed', retry_count: 0 });
  expect(view.errors.map(({ kind }) => kind)).toEqual(points.map(() => 'worker_lost'));
  expect(totals).toEqual({ ledger: totals.ledger, workflow: totals.ledger, api: totals.ledger, held: 0 });
  for (const [stage, ends] of Object.entries(runs)) {
    const lost = stage === PAID_CALLS[killed].stage ? points.map(() => 'worker_lost') : [];
    expect(ends, stage).toEqual([...lost, 'completed']);
  }
  for (const [operation, account] of Object.entries(operations)) {
    if (operation === killed) expectKilled(account, points);
    else expect(account, operation).toMatchObject({ assumed: 0, ledger: account.billed });
    const repeated = account.calls.filter((calls) => calls > 1);
    const asked = operation === killed ? points.filter((point) => ASKED_AGAIN.includes(point)).length : 0;
    expect(repeated, operation).toEqual(asked > 0 ? [1 + asked] : []);
  }
}

/** The service had the request, and nobody has the answer. */
const ASKED_AGAIN: readonly KillPoint[] = ['unanswered', 'unrecorded'];

function expectKilled(account: Account, points: readonly KillPoint[]): void {
  expect(account.assumed).toBe(points.filter((point) => point !== 'untold').length);
  expect(account.ledger).toBeGreaterThanOrEqual(account.billed);
  if (points.includes('untold')) expect(account.saved).toBeGreaterThan(0);
}
