import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { DefaultLogger, Runtime } from '@temporalio/worker';
import { openManyStreams } from '../support/many-streams.ts';
import { round, type Spread, spreadOf } from './queue-figures.ts';
import { BenchPipeline } from './queue-pipeline.ts';
import { startBenchServers } from './queue-servers.ts';

const VIDEOS = 12;
const STAGE_MS = 1_000;
const ORDER_EVERY_MS = 500;
const LOOK_EVERY_MS = 20;
const TARGET_P99_MS = 100;
/** Priority of those that are watched, and of orders that come meanwhile and wait. */
const FIRST = 10;
const LAST = 1;

/**
 * Measures GET /pipeline/status and POST /pipeline/queue while twelve videos are made with stages of one second and 200
 * streams of both kinds watch them; `--streams` sets how many. API, workers and all clients are one process.
 */
export async function benchStreams(args: string[]): Promise<Record<string, unknown>> {
  const { values } = parseArgs({ args, options: { streams: { type: 'string', default: '200' } } });
  Runtime.install({ logger: new DefaultLogger('ERROR'), shutdownSignals: [] });
  const stop = await startBenchServers();
  try {
    return show(Number(values.streams), await measure(Number(values.streams)));
  } finally {
    await stop();
  }
}

interface Figures {
  status: Spread;
  submit: Spread;
  messages: number;
  lost: number;
  seconds: number;
}

async function measure(streams: number): Promise<Figures> {
  const pipeline = await BenchPipeline.open({ stageMs: STAGE_MS });
  try {
    await pipeline.submit(VIDEOS, FIRST);
    const before = pipeline.submitMs.length;
    const ids = (await pipeline.times()).map(({ id }) => id);
    const heard = await openManyStreams(pipeline.url, ids, streams);
    const from = performance.now();
    await pipeline.go();
    const over = new AbortController();
    const statusMs: number[] = [];
    const clients = [look(pipeline, ids, statusMs, over.signal), order(pipeline, over.signal)];
    const { lostEnds, lostOfAll, messages } = await heard();
    over.abort();
    await Promise.all(clients);
    return {
      status: spreadOf(statusMs),
      submit: spreadOf(pipeline.submitMs.slice(before)),
      messages,
      lost: lostEnds + lostOfAll,
      seconds: (performance.now() - from) / 1000,
    };
  } finally {
    await pipeline.close();
  }
}

async function look(
  { url }: BenchPipeline,
  ids: readonly string[],
  statusMs: number[],
  over: AbortSignal,
): Promise<void> {
  for (let turn = 0; !over.aborted; turn += 1) {
    const from = performance.now();
    const answer = await fetch(`${url}/pipeline/status/${ids[turn % ids.length]}`);
    await answer.text();
    if (answer.status !== 200) throw new Error(`a look was answered ${answer.status}`);
    statusMs.push(performance.now() - from);
    await pause(LOOK_EVERY_MS);
  }
}

async function order(pipeline: BenchPipeline, over: AbortSignal): Promise<void> {
  while (!over.aborted) {
    await pipeline.submit(1, LAST);
    await pause(ORDER_EVERY_MS);
  }
}

function show(
  streams: number,
  { status, submit, messages, lost, seconds }: Figures,
): Record<string, unknown> {
  console.log(
    `${`${streams} streams, ${VIDEOS} videos, ${round(seconds)} s`.padEnd(36)}    n     p50     p95     p99 ms   target p99`,
  );
  for (const [name, { n, p50, p95, p99 }] of Object.entries({ 'GET status': status, 'POST queue': submit })) {
    const figures = [p50, p95, p99].map((ms) => ms.toFixed(1).padStart(8)).join('');
    console.log(`${name.padEnd(36)}${String(n).padStart(5)}${figures}      ${TARGET_P99_MS}`);
  }
  console.log(`${messages} messages were told, ${lost} last events were lost`);
  return { bench: 'streams', streams, videos: VIDEOS, status, submit, messages, lost };
}
