import { parseArgs } from 'node:util';
import { DefaultLogger, Runtime } from '@temporalio/worker';
import { runChild } from '../../activities/child.ts';
import type { StageContext } from '../../activities/stage.ts';
import { DEFAULT_CAP } from '../../domain/budget.ts';
import { QUEUES } from '../../domain/stages.ts';
import { becomes } from '../../infra/embedded/wait.ts';
import { recordExternalCharge } from '../../infra/money/ledger.ts';
import { submitOrder } from '../../infra/queue/orders.ts';
import { readVideo } from '../../infra/views/video-view.ts';
import { startWorkers } from '../../workers/run.ts';
import { fakeWorks } from '../support/fake-works.ts';
import { anOrder, createTestDeps, type TestDeps } from '../support/test-deps.ts';
import { round, type Spread, spreadOf } from './queue-figures.ts';
import { startBenchServers } from './queue-servers.ts';

const PLACES = { gpu: 3, cpu: 4 };
const AT_ONCE = PLACES.gpu + PLACES.cpu;
const PATIENCE_MS = 60_000;
const TARGET_STOPPED_MS = 1_000;
const TARGET_GONE_MS = 3_000;

/** Moments of one cancelled render, milliseconds since the epoch; null = not yet. */
interface Moments {
  rendering: number | null;
  stopped: number | null;
  gone: number | null;
}

/**
 * Measures the way from a charge that reaches the cap to the render's code being told, and to its ffmpeg being
 * gone, with seven renders at work. `--videos` sets how many (56).
 */
export async function benchCancel(args: string[]): Promise<Record<string, unknown>> {
  const { values } = parseArgs({ args, options: { videos: { type: 'string', default: '56' } } });
  Runtime.install({ logger: new DefaultLogger('ERROR'), shutdownSignals: [] });
  const stop = await startBenchServers();
  const deps = await createTestDeps({ places: PLACES, queueMax: 1_000 });
  const moments = new Map<string, Moments>();
  const works = fakeWorks({ video_rendering: (context) => renderForEver(deps, context, moments) });
  const workers = await startWorkers(deps, QUEUES, { works });
  try {
    const videos = Number(values.videos);
    const delays = await cancelAll(deps, moments, videos);
    return show(videos, delays);
  } finally {
    await workers.stop();
    await deps.close();
    await stop();
  }
}

/** A real child that never ends by itself, at the pace of a clock so that seven fit on a small machine. */
async function renderForEver(
  { config }: TestDeps,
  { videoId, signal }: StageContext,
  moments: Map<string, Moments>,
): Promise<never> {
  const own: Moments = { rendering: Date.now(), stopped: null, gone: null };
  moments.set(videoId, own);
  signal.addEventListener('abort', () => {
    own.stopped = Date.now();
  });
  const source = ['-re', '-f', 'lavfi', '-i', 'testsrc2=size=320x180:rate=5'];
  try {
    await runChild(config.tools.ffmpeg, ['-v', 'error', ...source, '-f', 'null', '-'], { signal });
  } finally {
    own.gone = Date.now();
  }
  throw new Error('the child ended by itself');
}

interface Delays {
  stopped: number[];
  gone: number[];
  settled: number[];
}

/** Seven at a time: the next seven are charged when the last are gone. */
async function cancelAll(deps: TestDeps, moments: Map<string, Moments>, videos: number): Promise<Delays> {
  const delays: Delays = { stopped: [], gone: [], settled: [] };
  for (let from = 0; from < videos; from += AT_ONCE) {
    const some = await Promise.all(
      Array.from({ length: Math.min(AT_ONCE, videos - from) }, (_, index) => submit(deps, index)),
    );
    await wait(() => some.every((id) => moments.get(id)?.rendering));
    await Promise.all(some.map((id) => cancelOne(deps, id, moments, delays)));
  }
  return delays;
}

async function submit(deps: TestDeps, index: number): Promise<string> {
  const complexity = index < PLACES.gpu ? 'complex' : 'simple';
  const answer = await submitOrder(deps, anOrder({ complexity, channel_id: 'bench' }));
  if (!answer.accepted) throw new Error(answer.code);
  return answer.video_id;
}

async function cancelOne(
  deps: TestDeps,
  id: string,
  moments: Map<string, Moments>,
  delays: Delays,
): Promise<void> {
  const charge = { video_id: id, id: 'dear', service: 'openai', operation: 'bench', amount: DEFAULT_CAP };
  const from = Date.now();
  await recordExternalCharge(deps, charge);
  await wait(() => moments.get(id)?.gone !== null);
  await wait(async () => (await readVideo(deps, id))?.status === 'cancelled');
  const own = moments.get(id);
  delays.stopped.push((own?.stopped ?? Number.NaN) - from);
  delays.gone.push((own?.gone ?? Number.NaN) - from);
  delays.settled.push(Date.now() - from);
}

async function wait(condition: () => boolean | Promise<boolean>): Promise<void> {
  if (!(await becomes(condition, PATIENCE_MS))) throw new Error('a video was not cancelled in time');
}

function show(videos: number, delays: Delays): Record<string, unknown> {
  const rows: [string, Spread, number | null][] = [
    ['crossing charge → stage code told', spreadOf(delays.stopped), TARGET_STOPPED_MS],
    ['→ ffmpeg gone', spreadOf(delays.gone), TARGET_GONE_MS],
    ['→ row cancelled', spreadOf(delays.settled), null],
  ];
  console.log(
    `${`${videos} renders, ${AT_ONCE} at once`.padEnd(36)}   n     p50     p95     p99 ms   target p95`,
  );
  for (const [name, { n, p50, p95, p99 }, target] of rows) {
    const figures = [p50, p95, p99].map((ms) => round(ms, 0).toFixed(0).padStart(8)).join('');
    console.log(`${name.padEnd(36)}${String(n).padStart(4)}${figures}${target ? `      ${target}` : ''}`);
  }
  const [stopped, gone, settled] = rows.map(([, spread]) => spread);
  return { bench: 'cancel', videos, stopped, gone, settled };
}
