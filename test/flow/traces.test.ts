import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RunningApi } from '../../api/serve.ts';
import { STATUS_QUERY, type WorkflowStatus } from '../../domain/contract.ts';
import { STAGE_NAMES } from '../../domain/stages.ts';
import { createLogger } from '../../infra/logger.ts';
import { pauseAll, resumeAll } from '../../infra/moves/pause.ts';
import { startOpenTelemetry } from '../../infra/tracing/open-telemetry.ts';
import type { Tracing } from '../../infra/tracing/tracing.ts';
import { fakeProduct, fakeWorks } from '../support/fake-works.ts';
import { type CollectedSpan, type FakeCollector, startFakeCollector } from '../support/fakes/collector.ts';
import { latch } from '../support/latch.ts';
import { startProcesses } from '../support/processes.ts';
import { serveStreams } from '../support/stream-client.ts';
import { eventually, TestPipeline } from '../support/test-pipeline.ts';

/** Ends as base64 may. */
const SECRET = 'canary-4711==';
const CALLER = '0af7651916cd43dd8448eb211c80319c';

let collector: FakeCollector;
let tracing: Tracing;
let pipeline: TestPipeline;
let api: RunningApi;
let lines = '';
const held = latch();

beforeAll(async () => {
  collector = await startFakeCollector();
  const log = createLogger('info', 'test', undefined, { write: (line: string) => (lines += line) }, () =>
    tracing.logFields(),
  );
  const target = { url: collector.url, headers: `authorization=Bearer ${SECRET}`, service: 'ytempire-test' };
  tracing = startOpenTelemetry(target, log, (text) => text.replaceAll(SECRET, '***'));
  pipeline = await TestPipeline.create({
    tracing,
    places: { cpu: 1 },
    works: fakeWorks({
      script_generation: async (context) => {
        context.log.info('a line of a stage');
        if (context.order.prompt === 'holds its place') await held.opened;
        if (context.order.prompt === 'fails') throw new Error(`refused with ${SECRET}`);
        return fakeProduct('script_generation');
      },
    }),
  });
  pipeline.deps.log = log;
  api = await serveStreams(pipeline.deps);
});

afterAll(async () => {
  await api.stop();
  await pipeline.close();
  await collector.close();
});

async function order(prompt: string, headers: Record<string, string> = {}): Promise<string> {
  const answer = await fetch(`${api.url}/pipeline/queue`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ prompt }),
  });
  expect(answer.status).toBe(202);
  return ((await answer.json()) as { video_id: string }).video_id;
}

const spanOf = (videoId: string) =>
  eventually(
    () =>
      collector.spans.find(
        ({ name, attributes }) =>
          name === 'RunWorkflow:produceVideo' && attributes['workflowId'] === `video-${videoId}`,
      ),
    (span): span is CollectedSpan => span !== undefined,
  );

async function traceOf(videoId: string): Promise<CollectedSpan[]> {
  const { traceId } = await spanOf(videoId);
  return eventually(
    () => collector.spans.filter((span) => span.traceId === traceId),
    (spans) => spans.some(({ name }) => name === 'RunActivity:settle'),
  );
}

test('a video is one trace from the request to the last stage, also when another video admits it and its workers are replaced', async () => {
  const first = await order('holds its place');
  const second = await order('waits', { traceparent: `00-${CALLER}-b7ad6b7169203331-01` });
  await pipeline.until(first, ({ stage }) => stage === 'script_generation');
  await pauseAll(pipeline.deps, 'test');
  held.open();
  await eventually(
    () => pipeline.handle(first).query<WorkflowStatus>(STATUS_QUERY),
    ({ done, paused }) => done.length === 1 && paused,
  );
  // What the new workers know of the workflows they have from their histories.
  await pipeline.stopWorkers();
  await pipeline.startWorkers();
  await resumeAll(pipeline.deps, 'test');
  expect((await pipeline.ended(first)).status).toBe('completed');
  expect((await pipeline.ended(second)).status).toBe('completed');

  const traces = await Promise.all([first, second].map(traceOf));
  expect(traces[1]?.[0]?.traceId).toBe(CALLER);
  expect(traces[0]?.[0]?.traceId).not.toBe(CALLER);
  for (const [index, videoId] of [first, second].entries()) {
    const spans = traces[index] ?? [];
    const names = spans.map(({ name }) => name);
    const own = spans.filter(({ attributes }) =>
      [attributes['workflowId'], attributes['temporalWorkflowId']].includes(`video-${videoId}`),
    );
    expect(names.filter((name) => name === 'POST /pipeline/queue')).toHaveLength(1);
    expect(names.filter((name) => name === 'RunWorkflow:produceVideo')).toHaveLength(1);
    for (const stage of STAGE_NAMES) {
      expect(
        names.filter((name) => name === `StartActivity:${stage}`),
        stage,
      ).toHaveLength(1);
      expect(own.filter(({ name }) => name === `RunActivity:${stage}`).length, stage).toBeGreaterThan(0);
    }
    expect(new Set(spans.map(({ spanId }) => spanId)).size).toBe(spans.length);
    const known = new Set(spans.map(({ spanId }) => spanId));
    const strangers = spans.filter(({ parentSpanId }) => parentSpanId !== null && !known.has(parentSpanId));
    expect(strangers.map(({ name }) => name)).toEqual(index === 0 ? [] : ['POST /pipeline/queue']);
  }
  expect(collector.headers[0]?.['authorization']).toBe(`Bearer ${SECRET}`);
});

test('lines of a stage name its video, stage, attempt and trace, those of a request its trace', async () => {
  const videoId = await order('writes lines');
  const { traceId } = await spanOf(videoId);
  const written = lines
    .split('\n')
    .filter((line) => line.includes(traceId))
    .map((line) => JSON.parse(line));
  expect(written).toContainEqual(
    expect.objectContaining({
      msg: 'a line of a stage',
      video_id: videoId,
      stage: 'script_generation',
      attempt: 1,
      trace_id: traceId,
    }),
  );
  expect(written).toContainEqual(
    expect.objectContaining({ msg: 'request', path: '/pipeline/queue', trace_id: traceId }),
  );
});

test('spans tell no secret, looks and passes of repair are no traces, and a collector that is away is told of once', async () => {
  const videoId = await order('fails');
  expect((await pipeline.ended(videoId)).status).toBe('failed');
  const spans = await traceOf(videoId);
  expect(spans.map(({ text }) => text).join()).toContain('refused with ***');
  expect(collector.spans.map(({ text }) => text).join()).not.toContain(SECRET);
  expect((await fetch(`${api.url}/pipeline/status/${videoId}`)).status).toBe(200);
  const begun = collector.spans.filter(({ parentSpanId }) => parentSpanId === null);
  expect(new Set(begun.map(({ name }) => name))).toEqual(new Set(['POST /pipeline/queue']));

  collector.status = 400;
  for (const prompt of ['goes on without the collector', 'and so does the next']) {
    const requests = collector.headers.length;
    expect((await pipeline.ended(await order(prompt))).status).toBe('completed');
    await eventually(
      () => collector.headers.length,
      (count) => count > requests,
    );
  }
  expect(lines.match(/the collector does not take traces/g)).toHaveLength(1);
});

test('the processes as they are built send one trace to the collector that the environment names', async () => {
  const named = await startFakeCollector();
  const processes = await startProcesses({ OTEL_EXPORTER_OTLP_ENDPOINT: `${named.url}/` });
  try {
    const answer = await fetch(`${processes.api}/pipeline/queue`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ prompt: 'The deep sea', duration: 15 }),
    });
    const { video_id } = (await answer.json()) as { video_id: string };
    const wanted = ['POST /pipeline/queue', 'RunActivity:claim', 'RunActivity:script_generation'];
    const spans = await eventually(
      () => named.spans,
      (sent) => wanted.every((name) => sent.some((span) => span.name === name)),
    );
    const found = wanted.map((name) => spans.find((span) => span.name === name));
    expect(new Set(found.map((span) => span?.traceId)).size).toBe(1);
    expect(found.map((span) => span?.service)).toEqual([
      'ytempire-api',
      'ytempire-worker',
      'ytempire-worker',
    ]);
    await fetch(`${processes.api}/pipeline/videos/${video_id}/cancel`, { method: 'POST' });
  } finally {
    await processes.close();
    await named.close();
  }
});
