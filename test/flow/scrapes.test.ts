import { once } from 'node:events';
import { createServer, get } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Caller, throughGate } from '../../activities/providers/gated.ts';
import type { RunningApi } from '../../api/serve.ts';
import { StageError } from '../../domain/errors.ts';
import { METRICS, type MetricName, type MetricSpec } from '../../domain/metrics.ts';
import { freePort } from '../../infra/embedded/ports.ts';
import { listenForScrapes, type MetricsListener } from '../../infra/metrics/listener.ts';
import { fakeProduct, gpuSeconds } from '../support/fake-works.ts';
import { latch } from '../support/latch.ts';
import { startProcesses } from '../support/processes.ts';
import { parsePromQl, readExpressions } from '../support/promql.ts';
import { readScrape, type Scrape } from '../support/scrapes.ts';
import { serveStreams } from '../support/stream-client.ts';
import { eventually, TestPipeline } from '../support/test-pipeline.ts';

const TABLE: [MetricName, MetricSpec][] = Object.entries(METRICS) as [MetricName, MetricSpec][];

let pipeline: TestPipeline;
let api: RunningApi;
let worker: MetricsListener;

beforeAll(async () => {
  pipeline = await TestPipeline.create({
    places: { cpu: 1, gpu: 0 },
    config: { money: { dailyLimit: 100_000_000 } },
  });
  api = await serveStreams(pipeline.deps);
  worker = await listenForScrapes(pipeline.deps, 0);
});

afterAll(async () => {
  await api.stop();
  await worker.close();
  await pipeline.close();
});

async function scrapeOf(url: string): Promise<Scrape> {
  const answer = await fetch(url);
  expect(answer.status).toBe(200);
  return readScrape(await answer.text());
}

test('a real run shows every metric with its labels, at the API and at a worker', async () => {
  const { deps } = pipeline;
  await deps.pool.query(`INSERT INTO provider_state (name, kind) VALUES ('pexels', 'footage')`);
  const failing = new StageError('process_failed', 'on purpose');
  const allOrdered = latch();
  const works = {
    script_generation: async (context: Caller) => {
      await throughGate(deps, 'pexels', context, () => allOrdered.opened);
      return { ...fakeProduct('script_generation'), usage: gpuSeconds(1) };
    },
  };
  const good = await pipeline.submit({}, works);
  const next = await pipeline.submit({}, works);
  const bad = await pipeline.submit({}, { audio_synthesis: () => Promise.reject(failing) });
  const waits = await pipeline.submit({ complexity: 'complex' });
  allOrdered.open();
  await Promise.all([good, next, bad].map((id) => pipeline.ended(id)));
  await fetch(`${api.url}/pipeline/status/${waits}`);
  const [atApi, atWorker] = await Promise.all([scrapeOf(`${api.url}/metrics`), scrapeOf(worker.url)]);

  for (const [name, { type, labels }] of TABLE) {
    expect(atApi.types.get(name), name).toBe(type);
    const samples = atApi.samples(type === 'histogram' ? `${name}_count` : name);
    expect(samples.length, name).toBeGreaterThan(0);
    for (const sample of samples) expect(Object.keys(sample.labels).sort(), name).toEqual([...labels].sort());
  }
  const stage = { stage: 'audio_synthesis', lane: 'cpu' };
  const attempts = (outcome: string) =>
    atWorker.value('ytempire_stage_duration_seconds_count', { ...stage, outcome });
  expect(attempts('completed')).toBe(2);
  // Three tries in each of three runs.
  expect(attempts('failed')).toBe(9);
  expect(
    atWorker.value('ytempire_stage_failures_total', { stage: 'audio_synthesis', kind: 'process_failed' }),
  ).toBe(9);
  expect(atWorker.value('ytempire_provider_calls_total', { provider: 'pexels', outcome: 'answered' })).toBe(
    2,
  );
  expect(atWorker.value('ytempire_videos_ended_total', { status: 'completed' })).toBe(2);
  expect(atWorker.value('ytempire_videos_ended_total', { status: 'failed' })).toBe(1);
  expect(atWorker.value('ytempire_queue_wait_seconds_count', { lane: 'cpu' })).toBe(3);
  expect(atWorker.value('ytempire_admission_latency_seconds_count')).toBeGreaterThan(0);
  expect(atApi.value('ytempire_queue_depth', { lane: 'gpu', complexity: 'complex' })).toBe(1);
  expect(atApi.value('ytempire_spend_dollars_total', { service: 'gpu_compute' })).toBeGreaterThan(0);
});

test('a worker answers scrapes of this machine only, and says so when its port is taken', async () => {
  expect(worker.url).toMatch(/^http:\/\/127\.0\.0\.1:/);
  const rebound = await new Promise<number | undefined>((resolve) => {
    get(worker.url, { headers: { host: 'page.example:80' } }, ({ statusCode }) => resolve(statusCode));
  });
  expect(rebound).toBe(403);
  expect((await fetch(worker.url.replace('/metrics', '/'))).status).toBe(404);
  expect((await fetch(worker.url, { method: 'POST' })).status).toBe(404);
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const { port } = other.address() as AddressInfo;
  await expect(listenForScrapes(pipeline.deps, port)).rejects.toThrow(
    `metrics cannot be shown on 127.0.0.1:${port}: the port is taken by another program; set METRICS_PORT`,
  );
  other.close();
});

test("a worker process shows itself and Temporal's SDK, whatever the dashboard and the rules ask for", async () => {
  const [own, sdk] = [await freePort(0), await freePort(0)];
  const processes = await startProcesses({
    METRICS_PORT: String(own),
    TEMPORAL_METRICS_PORT: String(sdk),
  });
  try {
    const at = async (port: number) => scrapeOf(`http://127.0.0.1:${port}/metrics`).catch(() => null);
    const wanted = readExpressions()
      .flatMap(({ expr }) => parsePromQl(expr).metrics.map(({ name }) => name))
      .filter((name) => !name.startsWith('ytempire_') && name !== 'up');
    expect(new Set(wanted).size).toBeGreaterThan(3);
    await eventually(
      async () => {
        const [shown, ofSdk] = [await at(own), await at(sdk)];
        const known = [...(shown?.types.keys() ?? []), ...(ofSdk?.types.keys() ?? [])];
        return wanted.filter((name) => !known.includes(name));
      },
      (missing) => missing.length === 0,
    );
    const slots = (await at(sdk))?.samples('temporal_worker_task_slots_available') ?? [];
    expect(Object.keys(slots[0]?.labels ?? {})).toEqual(
      expect.arrayContaining(['task_queue', 'worker_type']),
    );
    const api = await scrapeOf(`${processes.api}/metrics`);
    for (const name of [
      'process_cpu_seconds_total',
      'nodejs_eventloop_lag_p99_seconds',
      'ytempire_postgres_up',
    ]) {
      expect(api.types.has(name), name).toBe(true);
    }
  } finally {
    await processes.close();
  }
});
