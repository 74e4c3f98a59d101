import { randomUUID } from 'node:crypto';
import type { Hono } from 'hono';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createApp } from '../../../api/app.ts';
import { serveApi } from '../../../api/serve.ts';
import { openPool } from '../../../infra/stores/postgres.ts';
import { createTestDeps, type TestDeps } from '../../support/test-deps.ts';

let deps: TestDeps;
let app: Hono;

beforeAll(async () => {
  deps = await createTestDeps();
  app = createApp(deps);
});

afterAll(() => deps.close());

function post(body: unknown, headers: Record<string, string> = {}, to: Hono = app) {
  return to.request('/pipeline/queue', {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body),
  });
}

async function problemOf(answer: Response | Promise<Response>) {
  const response = await answer;
  expect(response.headers.get('content-type')).toBe('application/problem+json');
  const body = (await response.json()) as { errors?: { field: string }[] };
  expect(body).toMatchObject({
    status: response.status,
    title: expect.any(String),
    detail: expect.any(String),
  });
  return body;
}

test('an accepted order is in Postgres and can be looked up', async () => {
  const answer = await post({ prompt: 'How the deep sea was mapped', max_cost: '1.50', priority: 7 });
  expect(answer.status).toBe(202);
  const body = (await answer.json()) as { video_id: string; links: { status: string } };
  const { video_id } = body;
  expect(body).toMatchObject({
    status: 'queued',
    position: 1,
    estimated_cost: 2,
    estimated_time: 600,
    links: { status: `/pipeline/status/${video_id}`, stream: `/pipeline/stream/${video_id}` },
  });
  const { rows } = await deps.pool.query('SELECT request_data, priority FROM video_queue WHERE id = $1', [
    video_id,
  ]);
  expect(rows[0]).toMatchObject({ priority: 7, request_data: { max_cost: 1_500_000 } });

  const status = await app.request(body.links.status);
  expect(status.status).toBe(200);
  expect(await status.json()).toMatchObject({
    video_id,
    status: 'queued',
    priority: 7,
    complexity: 'simple',
    progress: 0,
    actual_cost: 0,
    errors: [],
    links: body.links,
  });
});

test('an order that is wrong is refused with every field named, and leaves no row', async () => {
  const before = await deps.pool.query('SELECT count(*) AS n FROM video_queue');
  const body = await problemOf(post({ prompt: ' ', duration: 0, colour: 'red' }));
  expect(body).toMatchObject({ status: 422, code: 'invalid_order' });
  expect(body.errors?.map(({ field }) => field).sort()).toEqual(['colour', 'duration', 'prompt']);
  const after = await deps.pool.query('SELECT count(*) AS n FROM video_queue');
  expect(after.rows).toEqual(before.rows);
});

test('a language that no voice speaks is refused by its name, and taken where a voice covers it', async () => {
  const body = await problemOf(post({ prompt: 'Leuchten', language: 'de-AT' }));
  expect(body).toMatchObject({
    status: 422,
    code: 'invalid_order',
    detail: expect.stringContaining('"de-AT"'),
  });
  expect(body.errors?.map(({ field }) => field)).toEqual(['language']);
  const providers = { ...deps.config.providers, ttsCommand: 'some-voice' };
  const covered = createApp({ ...deps, config: { ...deps.config, providers } });
  expect((await post({ article: 'Das Meer leuchtet.', language: 'de-AT' }, {}, covered)).status).toBe(202);
  expect((await post({ prompt: 'Glow', language: 'en-GB' })).status).toBe(202);
});

test('a prompt in a language that nothing here writes is refused with the fix, and taken where a model writes it', async () => {
  const providers = { ...deps.config.providers, ttsCommand: 'some-voice' };
  const voiced = createApp({ ...deps, config: { ...deps.config, providers } });
  const order = { prompt: 'Leuchten', language: 'de-AT' };
  const before = await deps.pool.query('SELECT count(*) AS n FROM video_queue');
  const body = await problemOf(post(order, {}, voiced));
  expect(body).toMatchObject({ status: 422, code: 'invalid_order', errors: [{ field: 'language' }] });
  expect(body).toMatchObject({ detail: expect.stringMatching(/"de-AT" from a prompt: set OPENAI_API_KEY/) });
  expect((await post({ ...order, dry_run: true }, {}, voiced)).status).toBe(422);
  const after = await deps.pool.query('SELECT count(*) AS n FROM video_queue');
  expect(after.rows).toEqual(before.rows);
  expect((await post({ script: 'Das Meer leuchtet.', language: 'de-AT' }, {}, voiced)).status).toBe(202);
  const chat = { baseUrl: 'http://127.0.0.1:1/v1', model: 'any' };
  const written = createApp({ ...deps, config: { ...deps.config, providers: { ...providers, chat } } });
  expect((await post(order, {}, written)).status).toBe(202);
});

test.each([
  ['no JSON', '{"prompt":', {}, 400, 'invalid_json'],
  ['an empty body', '', {}, 400, 'invalid_json'],
  ['bytes that are no UTF-8', Buffer.from([0x22, 0xff, 0x22]), {}, 400, 'invalid_json'],
  ['a body over 256 kB', JSON.stringify({ article: 'a'.repeat(300_000) }), {}, 413, 'body_too_large'],
  ['a form', 'prompt=x', { 'content-type': 'text/plain' }, 415, 'json_required'],
  ['a page of another origin', '{}', { origin: 'http://evil.example' }, 403, 'foreign_origin'],
])('%s is refused', async (_, body, headers, status, code) => {
  expect(await problemOf(post(body, headers))).toMatchObject({ status, code });
});

test('a full queue is answered with 429 and when to come back', async () => {
  await post({ prompt: 'one that waits' });
  const full = createApp({ ...deps, config: { ...deps.config, queueMax: 1 } });
  const answer = await post({ prompt: 'one too many' }, {}, full);
  expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
  expect(await problemOf(answer)).toMatchObject({ status: 429, code: 'queue_full' });
});

test.each([
  ['/pipeline/status/12', 400, 'invalid_id'],
  ['/pipeline/stream/%00', 400, 'invalid_id'],
  [`/pipeline/status/${randomUUID()}`, 404, 'video_not_found'],
  [`/pipeline/stream/${randomUUID()}`, 404, 'video_not_found'],
  [`/pipeline/videos/${randomUUID()}/artifacts/video.mp4`, 404, 'video_not_found'],
  [`/pipeline/videos/${randomUUID()}/artifacts/passwd`, 404, 'artifact_not_found'],
  ['/nowhere', 404, 'not_found'],
  ['/pipeline/queue', 405, 'method_not_allowed'],
])('GET %s is answered with %i %s', async (path, status, code) => {
  expect(await problemOf(app.request(path))).toMatchObject({ status, code });
});

test('a known path says which method it takes', async () => {
  const answer = await app.request('/health', {
    method: 'DELETE',
    headers: { 'content-type': 'application/json' },
  });
  expect(answer.headers.get('allow')).toBe('GET, HEAD');
  expect(await problemOf(answer)).toMatchObject({ status: 405 });
});

test('health counts the videos that are not at their end', async () => {
  const { rows } = await deps.pool.query('SELECT count(*) AS n FROM video_queue');
  const answer = await app.request('/health');
  expect(answer.status).toBe(200);
  expect(await answer.json()).toEqual({ status: 'ok', open_videos: rows[0].n, watchers: 0 });
});

test('without Postgres health still answers, and the rest is 503 that tells no address', async () => {
  const pool = openPool({ ...deps.config, databaseUrl: 'postgres://nobody:secret@127.0.0.1:1/none' });
  const cut = createApp({ ...deps, pool });
  expect(await (await cut.request('/health')).json()).toEqual({
    status: 'ok',
    open_videos: null,
    watchers: 0,
  });
  const body = await problemOf(cut.request(`/pipeline/status/${randomUUID()}`));
  expect(body).toMatchObject({ status: 503, code: 'database_away' });
  expect(JSON.stringify(body)).not.toMatch(/secret|127\.0\.0\.1|at .*\.ts/);
  await pool.end();
});

test('an unforeseen failure is 500 without its cause', async () => {
  const artifacts = { ...deps.artifacts, sizeAt: () => Promise.reject(new Error('secret path')) };
  const { video_id } = (await (await post({ prompt: 'x1' })).json()) as { video_id: string };
  await deps.pool.query(
    `INSERT INTO stage_results (video_id, stage, input_hash, result, made_by)
     VALUES ($1, 'upload_preparation', '', $2, 'test')`,
    [video_id, { files: { 'video.mp4': { key: 'a', sha256: 'b', bytes: 1 } } }],
  );
  const broken = createApp({ ...deps, artifacts });
  const body = await problemOf(broken.request(`/pipeline/videos/${video_id}/artifacts/video.mp4`));
  expect(body).toMatchObject({ status: 500, code: 'internal' });
  expect(JSON.stringify(body)).not.toContain('secret');
});

test('a taken port is one clear line', async () => {
  const local = { ...deps, config: { ...deps.config, api: { host: '127.0.0.1', port: 0 } } };
  const first = await serveApi(local);
  const port = Number(new URL(first.url).port);
  const second = serveApi({ ...deps, config: { ...deps.config, api: { host: '127.0.0.1', port } } });
  await expect(second).rejects.toThrow(/cannot listen on 127\.0\.0\.1:\d+: the port is taken.*API_PORT/);
  await first.stop();
});
