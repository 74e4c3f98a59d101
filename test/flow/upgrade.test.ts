import { randomUUID } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { restoreBackup } from '../../infra/backup/restore-backup.ts';
import { readMigrations } from '../../infra/backup/tables.ts';
import { readVideoCosts } from '../../infra/money/costs.ts';
import { resumeVideo } from '../../infra/moves/pause.ts';
import { retryVideo } from '../../infra/moves/retry.ts';
import { projectRoot } from '../../infra/project-root.ts';
import { submitOrders } from '../../infra/queue/orders.ts';
import { listVideos } from '../../infra/views/video-list.ts';
import { readVideo } from '../../infra/views/video-view.ts';
import { anOrder } from '../support/test-deps.ts';
import { TestPipeline } from '../support/test-pipeline.ts';

/**
 * The database as the code of an earlier commit left it (see test/support/upgrade/record-database.mjs), brought up to
 * date while it has rows of every kind, in a pipeline of now.
 */

const FIXTURE = join(projectRoot, 'test/fixtures/database-013.gz');
let pipeline: TestPipeline;
/** By the prompt of its order, which says in what state the old code left it. */
let ids: Record<string, string>;
let before: { ledger: string[]; held: string };

beforeAll(async () => {
  pipeline = await TestPipeline.create();
  await pipeline.stopWorkers();
  const { config, pool } = pipeline.deps;
  const adapt = async ({ schema }: { schema: string }) => {
    // Of the moment after the migrations, and before anything of now has run.
    const ledger = await pool.query<{ row: string }>(
      `SELECT c::text AS row FROM ${schema}.pipeline_costs c ORDER BY id`,
    );
    const budget = await pool.query<{ held: string }>(
      `SELECT sum(held)::text AS held FROM ${schema}.video_budget`,
    );
    before = { ledger: ledger.rows.map(({ row }) => row), held: budget.rows[0]?.held ?? '' };
  };
  await restoreBackup(config, await freshBackup(), { force: true, adapt });
  const { videos } = await listVideos(pipeline.deps, {}, { order: 'newest', limit: 50, after: null });
  ids = Object.fromEntries(videos.map(({ subject, video_id }) => [subject, video_id]));
  await pipeline.startWorkers();
}, 120_000);

afterAll(() => pipeline.close());

/**
 * With ids of its own, since on a server that has seen these videos already their workflows would be closed, and of
 * yesterday, since what is old is removed.
 */
async function freshBackup(): Promise<string> {
  const text = gunzipSync(await readFile(FIXTURE)).toString();
  const [recordedOn = ''] = /\d{4}-\d\d-\d\d/.exec(text) ?? [];
  const yesterday = new Date(Date.now() - 86_400_000).toISOString().slice(0, 10);
  const fresh = new Map<string, string>();
  const renamed = text.replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, (id) => {
    if (!fresh.has(id)) fresh.set(id, randomUUID());
    return fresh.get(id) ?? id;
  });
  const path = join(pipeline.deps.config.dataDir, 'old.backup');
  await writeFile(path, gzipSync(renamed.replaceAll(recordedOn, yesterday)));
  return path;
}

const idOf = (name: string): string => ids[name] ?? '';
const view = (name: string) => readVideo(pipeline.deps, idOf(name));
const costs = (name: string) => readVideoCosts(pipeline.deps, idOf(name));
const migrations = async () => {
  const { pool, config } = pipeline.deps;
  return readMigrations(pool, config.schema);
};

test('the old schema is brought up to the newest migration', async () => {
  const text = gunzipSync(await readFile(FIXTURE)).toString();
  const old = JSON.parse(text.slice(0, text.indexOf('\n'))).migrations;
  expect(old.at(-1)).toBe('013_media');
  const now = await migrations();
  expect(now.slice(0, old.length)).toEqual(old);
  expect(now.length).toBeGreaterThan(old.length);
});

test('videos that had ended are shown as they ended, with their money', async () => {
  expect(await view('completed')).toMatchObject({ status: 'completed', actual_cost: 0.42, progress: 100 });
  expect(await view('failed')).toMatchObject({
    ...{ status: 'failed', reason: 'bug', message: 'it broke', actual_cost: 0.123457 },
    errors: [{ stage: 'audio_synthesis', message: 'it broke' }],
  });
  expect(await view('cancelled')).toMatchObject({
    status: 'cancelled',
    reason: 'operator_cancel',
    actual_cost: 0,
  });
});

test.each(['queued', 'premium', 'admitted', 'halfway', 'paying'])(
  'a video that was %s is made to its end',
  async (name) => {
    expect((await pipeline.ended(idOf(name))).status).toBe('completed');
  },
);

test('what was finished is not made again, and what was priorised, capped or paused stays so', async () => {
  await pipeline.ended(idOf('halfway'));
  const attempts = (await view('halfway'))?.attempts ?? [];
  const outcomes = attempts
    .filter(({ stage }) => /^(script|audio)/.test(stage))
    .map(({ outcome }) => outcome);
  expect(outcomes).toEqual(['completed', 'completed', 'reused', 'reused']);
  expect(await view('queued')).toMatchObject({ priority: 8 });
  expect(await costs('queued')).toMatchObject({ cap: 2.5 });
  expect(await view('paused')).toMatchObject({ status: 'queued', waiting_for: 'paused' });
  await resumeVideo(pipeline.deps, idOf('paused'), 'tester');
  expect((await pipeline.ended(idOf('paused'))).status).toBe('completed');
});

test('no row of the ledger is lost or changed, but for the call that was under way: that is assumed to be billed', async () => {
  await pipeline.ended(idOf('paying'));
  const { rows } = await pipeline.deps.pool.query<{ row: string; state: string }>(
    'SELECT c::text AS row, state FROM pipeline_costs c ORDER BY id LIMIT $1',
    [before.ledger.length],
  );
  const changed = rows.filter(({ row }, index) => row !== before.ledger[index]);
  expect(changed.map(({ state }) => state)).toEqual(['assumed']);
  expect(before.held).toBe('0.345678');
  expect(await costs('paying')).toMatchObject({ assumed: 0.345678, held: 0 });
  expect(await costs('halfway')).toMatchObject({
    breakdown: { openai: { total: 0.030003 }, youtube_api: { total: 0.000005 } },
  });
  const unequal = await pipeline.deps.pool.query(
    `SELECT 1 FROM video_budget b WHERE spent <> (SELECT coalesce(sum(amount), 0) FROM pipeline_costs c
       WHERE c.video_id = b.video_id AND state IN ('charged', 'assumed')) OR held <> 0`,
  );
  expect(unequal.rowCount).toBe(0);
});

test('an Idempotency-Key of before has the answer of before, and a failed video can be retried', async () => {
  const requestKey = { owner: 'local', key: 'once' };
  const answer = await submitOrders(pipeline.deps, [anOrder({ prompt: 'queued' })], { requestKey });
  expect(answer).toMatchObject({ accepted: true, videos: [{ video_id: idOf('queued') }] });
  await retryVideo(pipeline.deps, idOf('failed'), 'tester');
  expect((await pipeline.ended(idOf('failed'))).status).toBe('completed');
  expect(await costs('failed')).toMatchObject({ breakdown: { openai: { total: 0.123457 } } });
});
