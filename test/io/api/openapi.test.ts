import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import type { Hono } from 'hono';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createApp } from '../../../api/app.ts';
import { accepted, health, problem, video } from '../../../api/openapi/answers.ts';
import { ROUTE_LIST } from '../../../api/openapi/routes.ts';
import { serveApi } from '../../../api/serve.ts';
import { FINAL_STATUSES } from '../../../domain/video.ts';
import { fromSchema, GARBAGE, type JsonSchema, oneFieldOff } from '../../support/from-schema.ts';
import { storePackage } from '../../support/scripted-video.ts';
import { createTestDeps, type TestDeps } from '../../support/test-deps.ts';

interface Operation {
  parameters: { name: string; in: string; schema: JsonSchema }[];
  requestBody?: { content: Record<string, { schema: JsonSchema }> };
  responses: Record<string, { content?: Record<string, unknown> }>;
}

interface Description {
  openapi: string;
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, JsonSchema> };
}

let deps: TestDeps;
let app: Hono;
let description: Description;
let known: string;

const JSON_TYPE = { 'content-type': 'application/json' };

beforeAll(async () => {
  deps = await createTestDeps({ queueMax: 1_000_000 });
  app = createApp(deps);
  description = (await (await app.request('/openapi.json')).json()) as Description;
  known = await newVideo();
});

afterAll(() => deps.close());

/** A halt cancels every open video, and without workers none of them ends: each call would cancel all orders of the calls before. */
async function forgetOrders(): Promise<void> {
  await deps.pool.query('DELETE FROM video_queue WHERE id <> $1', [known]);
}

async function newVideo(): Promise<string> {
  const answer = await app.request('/pipeline/queue', {
    method: 'POST',
    headers: JSON_TYPE,
    body: JSON.stringify({ prompt: 'a video that is known' }),
  });
  return accepted.parse(await answer.json()).video_id;
}

test('every mounted route is described, and every described one is mounted', () => {
  const mounted = app.routes
    .filter(({ method }) => method !== 'ALL')
    .map(({ method, path }) => `${method} ${path}`);
  expect(new Set(mounted)).toEqual(new Set(ROUTE_LIST.map(({ method, path }) => `${method} ${path}`)));
  const described = Object.entries(description.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path.replace(/\{(\w+)\}/g, ':$1')}`),
  );
  expect(new Set(described)).toEqual(new Set(mounted));
  expect(description.openapi).toBe('3.1.0');
});

test('what the description says of a video is what comes, from the order to its end', async () => {
  const id = await newVideo();
  const look = async () => video.parse(await (await app.request(`/pipeline/status/${id}`)).json());
  expect((await look()).status).toBe('queued');
  await storePackage(deps, id, { 'video.mp4': Buffer.from('a'), 'bill.json': Buffer.from('{}') });
  for (const status of FINAL_STATUSES) {
    await deps.pool.query('UPDATE video_queue SET status = $2, completed_at = now() WHERE id = $1', [
      id,
      status,
    ]);
    expect(await look()).toMatchObject({ status });
  }
  health.parse(await (await app.request('/health')).json());
});

test('the page is served with a policy that allows its one style sheet and nothing else', async () => {
  const answer = await app.request('/docs');
  expect(answer.headers.get('content-type')).toMatch(/^text\/html/);
  expect(answer.headers.get('content-security-policy')).toMatch(/style-src 'sha256-[\w+/]{43}='$/);
});

interface Call {
  method: string;
  path: string;
  query: [string, string][];
  headers: Record<string, string>;
  body: string | Uint8Array | null;
}

const ODD_SEGMENT = fc.oneof(
  fc.constantFrom('../../etc/passwd', '..', '\0', 'a'.repeat(10_000), "' OR 1=1", '%', '💥', '0', '-', '*'),
  fc.string({ minLength: 1, unit: 'binary' }),
);

/** Characters that HTTP lets into a header. */
const ODD_HEADER = fc.oneof(
  fc.constantFrom('a'.repeat(10_000), '../..', '0-0', 'bytes=0-', 'bytes=-0', '99999999999999999999-1', '{}'),
  fc.stringMatching(/^[!-~]{1,40}$/),
);

/** Calls of one operation, most of them wrong somewhere. */
function callsOf(path: string, method: string, operation: Operation): fc.Arbitrary<Call> {
  const lookUp = (ref: string) => description.components.schemas[ref.split('/').at(-1) ?? ''] ?? {};
  const of = (place: string) => operation.parameters.filter((each) => each.in === place);
  const segments = of('path').map(({ name, schema }) => {
    const fits = name === 'id' ? fc.constantFrom(known, randomUUID()) : fromSchema(schema, lookUp, 0);
    return fc.oneof({ weight: 2, arbitrary: fits.map(String) }, { weight: 1, arbitrary: ODD_SEGMENT });
  });
  const query = of('query').map(({ name, schema }) =>
    fc.option(fromSchema(schema, lookUp, 40).map((value) => [name, asText(value)] as [string, string])),
  );
  const headers = of('header').map(({ name }) =>
    fc.option(ODD_HEADER.map((value) => [name, value] as const)),
  );
  const schema = operation.requestBody?.content['application/json']?.schema;
  return fc
    .tuple(
      fc.tuple(...segments),
      fc.tuple(...query),
      fc.tuple(...headers),
      schema ? bodies(schema, lookUp) : fc.constant('{}'),
    )
    .map(([given, asked, more, body]) => ({
      method: method.toUpperCase(),
      path: filled(path, given),
      query: asked.filter((each) => each !== null),
      headers: Object.fromEntries(more.filter((each) => each !== null)),
      body: method === 'get' ? null : body,
    }));
}

function bodies(schema: JsonSchema, lookUp: (ref: string) => JsonSchema): fc.Arbitrary<string | Uint8Array> {
  return fc.oneof(
    { weight: 4, arbitrary: fromSchema(schema, lookUp, 5).map((value) => JSON.stringify(value)) },
    { weight: 3, arbitrary: fromSchema(schema, lookUp, 30).map((value) => JSON.stringify(value)) },
    { weight: 1, arbitrary: fromSchema(schema, lookUp, 0).map(asOrder) },
    { weight: 5, arbitrary: oneFieldOff(schema, lookUp).map(asOrder) },
    { weight: 1, arbitrary: GARBAGE.map((value) => JSON.stringify(value)) },
    { weight: 1, arbitrary: fc.oneof(fc.string(), fc.uint8Array(), fc.constant('['.repeat(100_000))) },
  );
}

/** An order takes one source only, which its schema cannot say; other bodies have none of these fields. */
function asOrder(value: unknown): string {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return JSON.stringify(value);
  const { prompt, script, article, ...rest } = value as Record<string, unknown>;
  const sources = Object.entries({ prompt, script, article }).filter(([, text]) => text !== undefined);
  return JSON.stringify({ ...rest, ...Object.fromEntries(sources.slice(0, 1)) });
}

function asText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** Half a surrogate pair has no form in a URL. */
function encoded(text: string): string {
  return encodeURIComponent(text.replace(/\p{Surrogate}/gu, '?'));
}

function filled(path: string, segments: string[]): string {
  const rest = [...segments];
  return path.replace(/\{\w+\}/g, () => encoded(rest.shift() ?? ''));
}

/** The status, and what a refusal says; a body that streams is left at once. */
async function answerTo({ method, path, query, headers, body }: Call) {
  const search = query.map(([name, value]) => `${name}=${encoded(value)}`).join('&');
  const answer = await app.request(search === '' ? path : `${path}?${search}`, {
    method,
    headers: { ...JSON_TYPE, ...headers },
    ...(body !== null && { body: body as RequestInit['body'] & {} }),
  });
  const type = answer.headers.get('content-type') ?? '';
  if (type === 'application/problem+json')
    return { status: answer.status, problem: problem.parse(await answer.json()) };
  await answer.body?.cancel();
  return { status: answer.status, problem: null };
}

/** Answers of Hono itself to a path that is none of ours: a segment that decodes to nothing, or to "..". */
const ELSEWHERE = [404, 405];

test.each(ROUTE_LIST.map(({ method, path }) => [method, path.replace(/:(\w+)/g, '{$1}')] as const))(
  'whatever is sent to %s %s, it is answered as described and never with 5xx',
  async (method, path) => {
    const operation = description.paths[path]?.[method.toLowerCase()];
    if (!operation) throw new Error('not described');
    await forgetOrders();
    const property = fc.asyncProperty(callsOf(path, method.toLowerCase(), operation), async (call) => {
      const { status, problem: refusal } = await answerTo(call);
      expect(status, JSON.stringify(refusal)).toBeLessThan(500);
      if (!ELSEWHERE.includes(status)) expect(Object.keys(operation.responses)).toContain(String(status));
    });
    await fc.assert(property, { numRuns: path === '/pipeline/queue' ? 600 : 100 });
  },
);

test('a body of 5 MB is refused over a real socket, whether its length is told or not', async () => {
  const local = { ...deps, config: { ...deps.config, api: { host: '127.0.0.1', port: 0 } } };
  const api = await serveApi(local);
  const large = 'a'.repeat(5_000_000);
  const post = (body: string | ReadableStream, more: object = {}) =>
    fetch(`${api.url}/pipeline/queue`, { method: 'POST', headers: JSON_TYPE, body, ...more });
  expect((await post(large)).status).toBe(413);
  const parts = new Blob([large]).stream();
  const unknownLength = await post(parts, { duplex: 'half' }).then(
    ({ status }) => status,
    // The connection is closed under a client that goes on sending.
    () => 413,
  );
  expect(unknownLength).toBe(413);
  expect((await fetch(`${api.url}/health`)).status).toBe(200);
  await api.stop();
});
