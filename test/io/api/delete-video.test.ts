import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, expect, test, vi } from 'vitest';
import { createApp } from '../../../api/app.ts';
import { workflowIdOf } from '../../../domain/contract.ts';
import { PUBLISH_WORKFLOW_TYPE, publishIdOf } from '../../../domain/publishing.ts';
import type { Deps } from '../../../infra/deps.ts';
import { insertMedia } from '../../../infra/media/rows.ts';
import { recordExternalCharge } from '../../../infra/money/ledger.ts';
import { submitOrder } from '../../../infra/queue/orders.ts';
import { addSharedFile } from '../../../infra/retention/shared-files.ts';
import { tidy } from '../../../infra/retention/tidy.ts';
import { taskQueue } from '../../../infra/temporal/temporal.ts';
import { FakeS3 } from '../../support/fakes/s3.ts';
import { bucketOf, s3Machines } from '../../support/s3-stores.ts';
import { endRow, storePackage } from '../../support/scripted-video.ts';
import { anOrder, createTestDeps } from '../../support/test-deps.ts';

const PROMPT = 'A secret plan of the deep';
const deps = await createTestDeps();
const app = createApp(deps);
const bucket = await FakeS3.start();
const inBucket = { ...deps, artifacts: (await s3Machines())(bucketOf(bucket)) };
afterAll(async () => {
  await deps.close();
  await bucket.close();
});

/** A completed video of 0.25 dollars with a package, and results and answers that quote its order. */
async function anEndedVideo(into: Deps = deps, order = anOrder({ prompt: PROMPT })): Promise<string> {
  const answer = await submitOrder(into, order);
  if (!answer.accepted) throw new Error('refused');
  const id = answer.video_id;
  await storePackage(into, id, { 'video.mp4': 'film', 'bill.json': '{}' });
  await recordExternalCharge(into, {
    ...{ video_id: id, id: 'invoice', service: 'openai', operation: 'script', amount: 250_000 },
  });
  await endRow(into, id, { status: 'completed', cost: '0.250000', message: PROMPT });
  await into.pool.query(
    `INSERT INTO paid_answers (key, video_id, stage, kind, answer, cost)
     VALUES ($1, $2, 'script_generation', 'chat', $3, 0.1)`,
    [`script of ${id}`, id, JSON.stringify({ script: PROMPT })],
  );
  await into.events.publish({
    type: 'video.completed',
    video_id: id,
    cost: 0.25,
    title: PROMPT,
    duration_ms: 1,
  });
  return id;
}

async function upload(content: string): Promise<{ id: string; key: string }> {
  const path = join(deps.config.dataDir, randomUUID());
  await writeFile(path, content);
  const [id, key] = [randomUUID(), `shared/media/${content}.png`];
  await addSharedFile(deps, key, async (tx) => {
    const file = await deps.artifacts.put(path, key);
    const facts = {
      kind: 'image',
      format: 'png',
      width: 1,
      height: 1,
      durationMs: null,
      orientation: 1,
    } as const;
    await insertMedia(tx, { id, file, ...facts });
  });
  return { id, key };
}

async function call(method: string, path: string, from = app) {
  const headers = { host: '127.0.0.1', 'content-type': 'application/json' };
  const answer = await from.request(`http://127.0.0.1${path}`, { method, headers });
  const text = await answer.text();
  return { status: answer.status, body: text === '' ? null : JSON.parse(text) };
}

const remove = (id: string, from = app) => call('DELETE', `/pipeline/videos/${id}`, from);

/** Every table of the schema as text: nothing of an order may stand anywhere but in the audit log. */
async function tablesThatQuote(text: string): Promise<string[]> {
  const { rows } = await deps.pool.query<{ name: string }>(
    'SELECT table_name AS name FROM information_schema.tables WHERE table_schema = $1',
    [deps.config.schema],
  );
  const found: string[] = [];
  for (const { name } of rows) {
    const sql = `SELECT 1 FROM "${name}" AS t WHERE to_jsonb(t)::text LIKE '%' || $1 || '%'`;
    if ((await deps.pool.query(sql, [text])).rowCount !== 0) found.push(name);
  }
  return found;
}

/** Videos that the stream of all videos has told of, up to now. */
async function toldOfAll(): Promise<(string | null)[]> {
  const last = randomUUID();
  await deps.events.publish({ type: 'video.admitted', video_id: last, lane: 'cpu', admission_no: 1 });
  const [told, stop] = [[] as (string | null)[], new AbortController()];
  for await (const { video_id } of deps.events.follow(null, '0', stop.signal)) {
    if (video_id === last) break;
    told.push(video_id);
  }
  stop.abort();
  return told;
}

test('a deleted video is gone with all that quotes its order, while the ledger and the audit log keep what it cost', async () => {
  const id = await anEndedVideo();
  const before = (await call('GET', '/costs/daily')).body;
  const { key } = (
    await deps.pool.query<{ key: string }>(
      `SELECT result #>> '{files,video.mp4,key}' AS key FROM stage_results WHERE video_id = $1`,
      [id],
    )
  ).rows[0] ?? { key: '' };
  expect(await deps.artifacts.find(key)).not.toBeNull();
  expect(await toldOfAll()).toContain(id);
  expect(await remove(id)).toEqual({ status: 204, body: null });
  expect(await deps.artifacts.find(key)).toBeNull();
  expect(await tablesThatQuote(PROMPT)).toEqual(['audit_log']);
  expect(await deps.events.past(id)).toEqual([]);
  expect(await toldOfAll()).not.toContain(id);
  for (const path of ['status/ID', 'stream/ID', 'videos/ID/artifacts/video.mp4']) {
    expect(await call('GET', `/pipeline/${path.replace('ID', id)}`)).toMatchObject({
      body: { status: 410, code: 'video_deleted' },
    });
  }
  const { videos } = (await call('GET', '/pipeline/videos')).body;
  expect(videos.map(({ video_id }: { video_id: string }) => video_id)).not.toContain(id);
  expect((await call('GET', `/costs/video/${id}`)).body).toMatchObject({ total_cost: 0.25 });
  expect((await call('GET', '/costs/daily')).body).toEqual(before);
  const { rows } = await deps.pool.query('SELECT who, action, detail FROM audit_log WHERE video_id = $1', [
    id,
  ]);
  expect(rows).toEqual([
    { who: 'local', action: 'delete', detail: { title: PROMPT, status: 'completed', cost: 0.25 } },
  ]);
});

test('deleting again, or twice at once, is deleting once; an unknown video is 404', async () => {
  const id = await anEndedVideo();
  const answers = await Promise.all([remove(id), remove(id), remove(id)]);
  expect(answers.map(({ status }) => status)).toEqual([204, 204, 204]);
  expect((await remove(id)).status).toBe(204);
  const { rows } = await deps.pool.query(
    `SELECT 1 FROM audit_log WHERE video_id = $1 AND action = 'delete'`,
    [id],
  );
  expect(rows).toHaveLength(1);
  expect(await remove(randomUUID())).toMatchObject({ status: 404, body: { code: 'video_not_found' } });
});

test.each(['queued', 'processing'])(
  'a %s video is not deleted: the refusal says how to cancel it',
  async (status) => {
    const id = await anEndedVideo();
    await deps.pool.query('UPDATE video_queue SET status = $2 WHERE id = $1', [id, status]);
    const { body } = await remove(id);
    expect(body).toMatchObject({ status: 409, code: 'video_not_ended' });
    expect(body.detail).toContain(`/pipeline/videos/${id}/cancel`);
    await deps.pool.query(`UPDATE video_queue SET status = 'cancelled' WHERE id = $1`, [id]);
    expect((await remove(id)).status).toBe(204);
  },
);

test.each(['cancel', 'pause', 'retry'])('no %s brings a deleted video back', async (move) => {
  const id = await anEndedVideo();
  await remove(id);
  expect(await call('POST', `/pipeline/videos/${id}/${move}`)).toMatchObject({
    body: { code: 'video_deleted' },
  });
  const requeue = deps.pool.query(`UPDATE video_queue SET status = 'queued' WHERE id = $1`, [id]);
  await expect(requeue).rejects.toThrow('deleted_is_final');
});

test('while its publication waits or its workflow runs a video is not deleted', async () => {
  const id = await anEndedVideo();
  const row = `INSERT INTO publications (video_id, channel_id, ready_at, state) VALUES ($1, 'c', now(), 'waiting')`;
  await deps.pool.query(row, [id]);
  expect(await remove(id)).toMatchObject({ body: { status: 409, code: 'video_publishing' } });
  await deps.pool.query(`UPDATE publications SET state = 'published' WHERE video_id = $1`, [id]);
  const handle = await deps.temporal.workflow.start(PUBLISH_WORKFLOW_TYPE, {
    ...{
      workflowId: publishIdOf(id),
      taskQueue: taskQueue(deps.config, 'control'),
      args: [{ video_id: id }],
    },
  });
  const { body } = await remove(id);
  expect(body.detail).toContain(`temporal workflow cancel --workflow-id ${publishIdOf(id)}`);
  await handle.terminate();
  expect((await remove(id)).status).toBe(204);
});

test('its closed workflows, whose summary is its title, are deleted in Temporal', async () => {
  const id = await anEndedVideo();
  const workflowId = workflowIdOf(id);
  await deps.temporal.workflow.getHandle(workflowId).terminate();
  const closed = `WorkflowId = '${workflowId}' AND ExecutionStatus != 'Running'`;
  await expect.poll(async () => (await deps.temporal.workflow.count(closed)).count).toBe(1);
  // The server carries it out within half a minute, which nobody waits for here.
  const asked = vi.spyOn(deps.temporal.workflowService, 'deleteWorkflowExecution');
  await remove(id);
  expect(asked.mock.calls.map(([{ workflowExecution }]) => workflowExecution?.workflowId)).toEqual([
    workflowId,
  ]);
  await expect(asked.mock.results[0]?.value).resolves.toBeDefined();
  asked.mockRestore();
});

test('an upload goes with the last video that names it', async () => {
  const [own, shared] = [await upload('own'), await upload('shared')];
  const one = await anEndedVideo(deps, anOrder({ media: [own.id, shared.id] }));
  const two = await anEndedVideo(deps, anOrder({ media: [shared.id] }));
  await remove(one);
  expect(await deps.artifacts.find(own.key)).toBeNull();
  expect(await deps.artifacts.find(shared.key)).not.toBeNull();
  await remove(two);
  expect(await deps.artifacts.find(shared.key)).toBeNull();
  expect((await deps.pool.query('SELECT 1 FROM media_files')).rowCount).toBe(0);
});

test('a process that dies between the row and the files, or a bucket that is away, leaves work for the next tidy pass', async () => {
  const { key, id: media } = await upload('left');
  const id = await anEndedVideo(inBucket, anOrder({ media: [media] }));
  expect(bucket.objects.size).toBe(2);
  bucket.mishap = ({ method }) => (method === 'DELETE' ? { status: 503 } : null);
  expect((await remove(id, createApp(inBucket))).status).toBe(204);
  expect(await call('GET', `/pipeline/status/${id}`)).toMatchObject({ body: { code: 'video_deleted' } });
  bucket.mishap = () => null;
  await deps.artifacts.remove(key);
  expect(await tidy(inBucket)).toMatchObject({ deletions: 1 });
  expect(bucket.objects.size).toBe(0);
  expect((await deps.pool.query('SELECT 1 FROM media_files WHERE id = $1', [media])).rowCount).toBe(0);
  expect(await tidy(inBucket)).toMatchObject({ deletions: 0 });
});

test('many deletions at once, each with an upload, end', async () => {
  const ids = await Promise.all(
    Array.from({ length: 24 }, async (_, n) => {
      const { id: media } = await upload(`many-${n}`);
      return anEndedVideo(deps, anOrder({ media: [media] }));
    }),
  );
  const answers = await Promise.all(ids.map((id) => remove(id)));
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([204]));
  const { rowCount } = await deps.pool.query(
    'SELECT 1 FROM video_queue WHERE id = ANY ($1) AND purged_at IS NULL',
    [ids],
  );
  expect(rowCount).toBe(0);
});

test('an upload that an order named while its deletion was half done stays', async () => {
  const { key, id: media } = await upload('wanted');
  const id = await anEndedVideo(inBucket, anOrder({ media: [media] }));
  bucket.mishap = ({ method }) => (method === 'DELETE' ? { status: 503 } : null);
  expect((await remove(id, createApp(inBucket))).status).toBe(204);
  bucket.mishap = () => null;
  const order = { prompt: 'The deep', media: [media] };
  const answer = await app.request('http://127.0.0.1/pipeline/queue', {
    method: 'POST',
    headers: { host: '127.0.0.1', 'content-type': 'application/json' },
    body: JSON.stringify(order),
  });
  expect(answer.status).toBe(202);
  expect(await tidy(inBucket)).toMatchObject({ deletions: 1 });
  expect((await deps.pool.query('SELECT 1 FROM media_files WHERE id = $1', [media])).rowCount).toBe(1);
  const { video_id } = (await answer.json()) as { video_id: string };
  await endRow(deps, video_id, { status: 'cancelled', cost: '0', message: '' });
  await remove(video_id);
  expect(await deps.artifacts.find(key)).toBeNull();
});

test('what a stage stores that still ran when its video was deleted goes an hour later', async () => {
  const id = await anEndedVideo();
  await remove(id);
  await storePackage(deps, id, { 'video.mp4': 'late' });
  expect(await tidy(deps)).toMatchObject({ deletions: 0 });
  await deps.pool.query(
    `UPDATE video_queue SET deleted_at = now() - interval '61 minutes', purged_at = now() - interval '60 minutes'
     WHERE id = $1`,
    [id],
  );
  expect(await tidy(deps)).toMatchObject({ deletions: 1 });
  expect(await deps.artifacts.find(`${id}/upload/video.mp4`)).toBeNull();
  expect((await deps.pool.query('SELECT 1 FROM stage_results WHERE video_id = $1', [id])).rowCount).toBe(0);
  expect(await tidy(deps)).toMatchObject({ deletions: 0 });
});
