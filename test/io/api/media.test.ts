import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createApp } from '../../../api/app.ts';
import { serveApi } from '../../../api/serve.ts';
import { useMedia } from '../../../infra/media/rows.ts';
import { submitOrder } from '../../../infra/queue/orders.ts';
import { expireSharedFiles } from '../../../infra/retention/shared-files.ts';
import { type ClipKind, clipShelf } from '../../support/fakes/pexels-clips.ts';
import { type OwnImage, ownImage } from '../../support/own-images.ts';
import { anOrder, createTestDeps, type TestDeps } from '../../support/test-deps.ts';

interface Told {
  media_id?: string;
  code?: string;
  detail?: string;
}

let deps: TestDeps;
let app: ReturnType<typeof createApp>;
let shelf: Awaited<ReturnType<typeof clipShelf>>;

beforeAll(async () => {
  deps = await createTestDeps();
  app = createApp(deps);
  shelf = await clipShelf();
});
afterAll(async () => {
  await shelf.remove();
  await deps.close();
});

async function send(body: Buffer, type = 'application/octet-stream', to = app) {
  const answer = await to.request('/media', { method: 'POST', headers: { 'content-type': type }, body });
  return { status: answer.status, body: (await answer.json()) as Told };
}

async function stored(): Promise<string[]> {
  return readdir(join(deps.config.artifactsDir, 'shared', 'media')).catch(() => []);
}

async function leftOver(): Promise<string[]> {
  const work = join(deps.config.artifactsDir, '..', 'work');
  const files = await readdir(work, { recursive: true, withFileTypes: true }).catch(() => []);
  return files.filter((file) => file.isFile()).map(({ name }) => name);
}

describe('what is sent is known by its bytes', () => {
  const clips: [ClipKind, object][] = [
    ['landscape', { kind: 'clip', width: 960, height: 540, duration_ms: 4000 }],
    ['rotated', { kind: 'clip', width: 360, height: 640, duration_ms: 2000 }],
  ];
  test.each(clips)('the clip "%s"', async (kind, facts) => {
    const sent = await send(await shelf.clip(kind), 'image/png');
    expect(sent).toMatchObject({ status: 201, body: facts });
    const [file] = await useMedia(deps.pool, [String(sent.body.media_id)]);
    if (!file) throw new Error('it has no row');
    const kept = await readFile(await deps.artifacts.open(file.file));
    // toEqual takes seconds over so many bytes.
    expect(kept.equals(await shelf.clip(kind))).toBe(true);
  });

  const images: [OwnImage, object][] = [
    ['jpeg', { width: 400, height: 300 }],
    ['png', { width: 400, height: 300 }],
    ['webp', { width: 400, height: 300 }],
    ['turned', { width: 300, height: 400 }],
  ];
  test.each(images)('the image "%s"', async (kind, facts) => {
    const { status, body } = await send(await ownImage(kind), 'video/mp4');
    expect({ status, body }).toMatchObject({
      status: 201,
      body: { kind: 'image', duration_ms: null, ...facts },
    });
  });
});

describe('what cannot be shown is refused, and nothing of it stays', () => {
  const cases: [string, () => Promise<Buffer>, string][] = [
    ['nothing', async () => Buffer.alloc(0), 'none of MP4'],
    ['a web page', () => shelf.clip('html'), 'none of MP4'],
    ['a playlist', () => shelf.clip('hls'), 'none of MP4'],
    ['another container', () => shelf.clip('matroska'), 'none of MP4'],
    ['sound alone', () => shelf.clip('audio-only'), 'no picture'],
    ['a clip without its index', () => shelf.clip('truncated'), 'no index'],
    ['a clip beyond 4K', () => shelf.clip('oversized'), '4608x256'],
    ['half a second', () => shelf.clip('short'), '500 ms'],
    ['a tiny image', () => ownImage('tiny'), '64x64'],
    ['the first bytes of a PNG', async () => (await ownImage('png')).subarray(0, 14), 'whole PNG'],
    ['the first bytes of a JPEG', async () => (await ownImage('jpeg')).subarray(0, 14), 'ends before'],
  ];
  test.each(cases)('%s', async (_, make, detail) => {
    const before = await stored();
    const { status, body } = await send(await make());
    expect({ status, code: body.code }).toEqual({ status: 422, code: 'invalid_media' });
    expect(body.detail).toContain(detail);
    expect([await stored(), await leftOver()]).toEqual([before, []]);
  });

  test('a form of a web page, and JSON', async () => {
    for (const type of ['multipart/form-data; boundary=x', 'text/plain', 'application/json'])
      expect(await send(await ownImage('png'), type)).toMatchObject({ status: 415 });
  });

  test('an image above 25 MB as soon as that is seen, over a real socket', async () => {
    const api = await serveApi({ ...deps, config: { ...deps.config, api: { host: '127.0.0.1', port: 0 } } });
    const endless = new ReadableStream<Uint8Array>({
      start: async (to) => to.enqueue(await ownImage('png')),
      pull: (to) => to.enqueue(new Uint8Array(1024 ** 2)),
    });
    const headers = { 'content-type': 'image/png' };
    const status = await fetch(`${api.url}/media`, {
      ...{ method: 'POST', headers, body: endless, duplex: 'half' },
    } as RequestInit).then(
      (answer) => answer.status,
      // The connection is closed under a client that goes on sending.
      () => 413,
    );
    expect([status, await leftOver()]).toEqual([413, []]);
    await api.stop();
  });

  test('a file while the disk is nearly full', async () => {
    const full = createApp({ ...deps, artifacts: { ...deps.artifacts, freeBytes: async () => 0 } });
    const { status, body } = await send(await ownImage('png'), 'image/png', full);
    expect([status, body.code]).toEqual([503, 'disk_low']);
  });
});

describe('an order names media', () => {
  const order = async (media: unknown) => {
    const body = JSON.stringify({ prompt: 'own pictures', media });
    const headers = { 'content-type': 'application/json' };
    const answer = await app.request('/pipeline/queue', { method: 'POST', headers, body });
    return { status: answer.status, body: (await answer.json()) as Told };
  };

  test('and one that is not there is 422 before anything is queued', async () => {
    const { body } = await send(await ownImage('png'));
    const unknown = '00000000-0000-4000-8000-000000000009';
    expect(await order([body.media_id, unknown])).toMatchObject({
      status: 422,
      body: { code: 'invalid_order', errors: [{ field: 'media.1', message: 'no such media: POST /media' }] },
    });
    expect(await order([body.media_id, body.media_id])).toMatchObject({ status: 422 });
    expect(await order([String(body.media_id).toUpperCase()])).toMatchObject({ status: 202 });
  });

  test('which no pass removes while the order is open, however old it is', async () => {
    const { body } = await send(await ownImage('webp'));
    const id = String(body.media_id);
    const placed = await submitOrder(deps, anOrder({ media: [id] }));
    if (!placed.accepted) throw new Error('refused');
    const age = `UPDATE media_files SET used_at = now() - interval '31 days' WHERE id = $1`;
    const pass = async () => {
      await deps.pool.query(age, [id]);
      await expireSharedFiles(deps, 30);
      return (await deps.pool.query('SELECT 1 FROM media_files WHERE id = $1', [id])).rowCount;
    };
    expect(await pass()).toBe(1);
    await deps.pool.query(`UPDATE video_queue SET status = 'completed' WHERE id = $1`, [placed.video_id]);
    // A second row with the same content keeps the file, not the row.
    await deps.pool.query(`DELETE FROM media_files WHERE id <> $1`, [id]);
    expect(await pass()).toBe(0);
    expect((await stored()).filter((name) => name.endsWith('.webp'))).toEqual([]);
  });
});
