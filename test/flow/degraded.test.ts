import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RunningApi } from '../../api/serve.ts';
import type { StreamMessage } from '../../api/streams/message.ts';
import type { StageName } from '../../domain/stages.ts';
import { closeDeps, openDeps } from '../../infra/deps.ts';
import { fakeProduct } from '../support/fake-works.ts';
import { latch } from '../support/latch.ts';
import { type SeverableServers, startSeverableServers } from '../support/severed.ts';
import { followStream, serveStreams, TRANSPORTS } from '../support/stream-client.ts';
import { testLogger } from '../support/test-deps.ts';
import { eventually, TestPipeline } from '../support/test-pipeline.ts';

let servers: SeverableServers;
let pipeline: TestPipeline;
let api: RunningApi;

beforeAll(async () => {
  servers = await startSeverableServers();
  pipeline = await TestPipeline.create({ config: servers.config });
  api = await serveStreams(pipeline.deps, { recheckMs: 1_000 });
});

afterAll(async () => {
  await api.stop();
  await pipeline.close();
  await servers.close();
});

/** Work of a stage that begins and then waits for its test. */
function held<T extends StageName>(stage: T) {
  const [begun, go] = [latch(), latch()];
  const work = async () => {
    begun.open();
    await go.opened;
    return fakeProduct(stage);
  };
  return { begun, go, works: { [stage]: work } };
}

function post(path: string, body: object): Promise<Response> {
  const headers = { 'content-type': 'application/json' };
  return fetch(`${api.url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
}

/** Reads until a message is as wanted, and answers all up to it. */
async function readUntil(
  messages: AsyncGenerator<StreamMessage>,
  wanted: (message: StreamMessage) => boolean,
): Promise<StreamMessage[]> {
  const seen: StreamMessage[] = [];
  for (;;) {
    const { value, done } = await messages.next();
    if (done) throw new Error(`the stream ended after ${JSON.stringify(seen)}`);
    seen.push(value);
    if (wanted(value)) return seen;
  }
}

const isAway = (message: StreamMessage) => message.type === 'live' && !message.live;
const isBack = (message: StreamMessage) => message.type === 'live' && message.live;

test('a video is made while Redis is away, and its streams tell it by its row and say so', async () => {
  await servers.redis.cut();
  const go = latch();
  const videoId = await pipeline.submit(
    {},
    {
      video_rendering: async () => {
        await go.opened;
        return fakeProduct('video_rendering');
      },
    },
  );
  const streams = await Promise.all(
    TRANSPORTS.map((transport) => followStream(api.url, `/pipeline/stream/${videoId}`, transport)),
  );
  for (const { messages } of streams) {
    await readUntil(messages, isAway);
    await readUntil(messages, (message) => 'stage' in message && message.stage === 'video_rendering');
  }
  go.open();
  for (const { messages } of streams) {
    const rest: StreamMessage[] = [];
    for await (const message of messages) rest.push(message);
    expect(rest.at(-1)).toMatchObject({ type: 'snapshot', status: 'completed' });
  }
  expect(await pipeline.ended(videoId)).toMatchObject({ status: 'completed', errors: [], retry_count: 0 });
  await servers.redis.restore();
  // Events of the next video would be dropped until then.
  await eventually(pipeline.deps.events.isLive, (live) => live);
});

test('a stream from before an outage of Redis goes on with it, and tells of the rest by events', async () => {
  const [away, back] = [latch(), latch()];
  const videoId = await pipeline.submit(
    {},
    {
      media_collection: async () => {
        await away.opened;
        return fakeProduct('media_collection');
      },
      quality_validation: async () => {
        await back.opened;
        return fakeProduct('quality_validation');
      },
    },
  );
  const all = await followStream(api.url, '/pipeline/stream', 'WebSocket');
  const { messages } = await followStream(api.url, `/pipeline/stream/${videoId}`, 'Server-Sent Events');
  await readUntil(messages, ({ type }) => type === 'stage.started');
  await servers.redis.cut();
  await readUntil(messages, isAway);
  await readUntil(all.messages, isAway);
  away.open();
  await readUntil(messages, (message) => 'stage' in message && message.stage === 'quality_validation');
  await servers.redis.restore();
  await readUntil(all.messages, isBack);
  await readUntil(messages, isBack);
  back.open();
  const rest = await readUntil(messages, ({ type }) => type === 'video.completed');
  expect(rest.map(({ type }) => type)).toContain('stage.completed');
  await readUntil(all.messages, ({ type }) => type === 'video.completed');
  all.leave();
});

/** The activity that Temporal tries again and again, by its name and the last failure's type. */
async function waitsFor(videoId: string) {
  const { pendingActivities = [] } = (await pipeline.handle(videoId).describe()).raw;
  const [waiting] = pendingActivities?.filter(({ attempt }) => (attempt ?? 0) > 2) ?? [];
  return (
    waiting && {
      name: waiting.activityType?.name,
      failure: waiting.lastFailure?.applicationFailureInfo?.type,
    }
  );
}

test('a stage whose end finds no Postgres waits for it, and its video goes on with no try counted', async () => {
  const [begun, go] = [latch(), latch()];
  const videoId = await pipeline.submit(
    {},
    {
      quality_validation: async () => {
        begun.open();
        await go.opened;
        return fakeProduct('quality_validation');
      },
    },
  );
  await begun.opened;
  await servers.postgres.cut();
  go.open();
  const waiting = await eventually(
    () => waitsFor(videoId),
    (found) => found !== undefined,
  );
  expect(waiting).toEqual({ name: 'quality_validation', failure: 'infrastructure' });

  const health = await fetch(`${api.url}/health`);
  expect([health.status, await health.json()]).toMatchObject([200, { status: 'ok', open_videos: null }]);
  const order = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"prompt":"A"}' };
  for (const [path, init] of [
    [`/pipeline/status/${videoId}`, {}],
    ['/pipeline/queue', order],
  ] as const) {
    const answer = await fetch(`${api.url}${path}`, init);
    expect([answer.status, answer.headers.get('content-type')]).toEqual([503, 'application/problem+json']);
    expect(answer.headers.get('retry-after')).toBe('5');
    expect(await answer.json()).toMatchObject({ code: 'database_away' });
  }

  await servers.postgres.restore();
  const view = await pipeline.ended(videoId);
  expect(view).toMatchObject({ status: 'completed', retry_count: 0 });
  expect(view.errors.every(({ kind }) => kind === 'infrastructure')).toBe(true);
});

/** Takes Postgres away when a stage has stored its result, before its workflow hears of that. */
function cutAfter(stage: StageName): void {
  const { events } = pipeline.deps;
  pipeline.deps.events = {
    ...events,
    publish: async (event) => {
      if (event.type === 'stage.completed' && event.stage === stage) {
        pipeline.deps.events = events;
        await servers.postgres.cut();
      }
      await events.publish(event);
    },
  };
}

test.each([
  ['between two stages', 'script_generation', ['audio_synthesis', 'media_collection']],
  ['before its end is recorded', 'upload_preparation', ['settle']],
] as const)('a video %s waits for Postgres, and no finished stage is made again', async (_, stage, next) => {
  let made = 0;
  cutAfter(stage);
  const videoId = await pipeline.submit(
    {},
    {
      [stage]: async () => {
        made += 1;
        return fakeProduct(stage);
      },
    },
  );
  const waiting = await eventually(
    () => waitsFor(videoId),
    (found) => found !== undefined,
  );
  expect(next).toContain(waiting?.name);
  await servers.postgres.restore();
  expect(await pipeline.ended(videoId)).toMatchObject({ status: 'completed', errors: [], retry_count: 0 });
  expect(made).toBe(1);
});

test('orders are taken while Temporal is away, and are made once it is back', async () => {
  await servers.temporal.cut();
  const answers = await Promise.all([1, 2, 3].map(() => post('/pipeline/queue', { prompt: 'The deep sea' })));
  expect(answers.map(({ status }) => status)).toEqual([202, 202, 202]);
  const ids = await Promise.all(
    answers.map(async (answer) => ((await answer.json()) as { video_id: string }).video_id),
  );
  await servers.temporal.restore();
  for (const id of ids) {
    expect(await pipeline.ended(id)).toMatchObject({ status: 'completed', errors: [], retry_count: 0 });
  }
});

test('a charge from outside is answered while Temporal is away, and its video hears of it later', async () => {
  const script = held('script_generation');
  const videoId = await pipeline.submit({}, script.works);
  await script.begun.opened;
  await servers.temporal.cut();
  const charge = { id: randomUUID(), service: 'youtube_api', operation: 'upload', amount: 0.25 };
  const answer = await post(`/costs/video/${videoId}`, charge);
  expect(await answer.json()).toMatchObject({ total_cost: 0.25 });
  await servers.temporal.restore();
  script.go.open();
  expect(await pipeline.ended(videoId)).toMatchObject({ status: 'completed', retry_count: 0 });
  const { total } = (await pipeline.handle(videoId).result()) as { total: number };
  expect(total).toBeGreaterThanOrEqual(250_000);
});

test('a video is made while no API runs, and the next one knows all of it', async () => {
  const script = held('script_generation');
  const videoId = await pipeline.submit({}, script.works);
  await script.begun.opened;
  await api.stop();
  script.go.open();
  await pipeline.ended(videoId);
  const deps = await openDeps(pipeline.deps.config, testLogger());
  const next = await serveStreams({ ...pipeline.deps, ...deps });
  const status = await fetch(`${next.url}/pipeline/status/${videoId}`);
  expect(await status.json()).toMatchObject({ status: 'completed', errors: [] });
  const { messages } = await followStream(next.url, `/pipeline/stream/${videoId}`, 'Server-Sent Events');
  const told = await readUntil(messages, ({ type }) => type === 'video.completed');
  expect(told.map(({ type }) => type)).toContain('video.admitted');
  await next.stop();
  await closeDeps(deps);
  api = await serveStreams(pipeline.deps);
});

test('the lane workers stop admission while the disk is low, and videos in production go on', async () => {
  const { artifacts } = pipeline.deps;
  const script = held('script_generation');
  const running = await pipeline.submit({}, script.works);
  await script.begun.opened;
  pipeline.deps.artifacts = { ...artifacts, freeBytes: async () => 0 };
  const low = async () =>
    (await pipeline.deps.pool.query('SELECT bool_and(disk_low) AS disk_low FROM lane_workers')).rows[0];
  await eventually(low, ({ disk_low }) => disk_low);
  const waiting = await pipeline.submit();
  expect(await pipeline.until(waiting, () => true)).toMatchObject({ status: 'queued', waiting_for: 'disk' });
  script.go.open();
  expect(await pipeline.ended(running)).toMatchObject({ status: 'completed' });
  pipeline.deps.artifacts = artifacts;
  expect(await pipeline.ended(waiting)).toMatchObject({ status: 'completed', retry_count: 0 });
});
