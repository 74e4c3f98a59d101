import { utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { submitOrder } from '../../../infra/queue/orders.ts';
import { tidy } from '../../../infra/retention/tidy.ts';
import { inTransaction, lockKey } from '../../../infra/stores/postgres.ts';
import { endRow, storePackage } from '../../support/scripted-video.ts';
import { anOrder, createTestDeps } from '../../support/test-deps.ts';

const deps = await createTestDeps();
afterAll(() => deps.close());

const NOTHING = {
  videos: 0,
  deletions: 0,
  sharedFiles: 0,
  answers: 0,
  orderRequests: 0,
  records: 0,
  parts: 0,
};

test('an Idempotency-Key is forgotten after a week', async () => {
  await deps.pool.query(
    `INSERT INTO order_requests (owner, key, hash, answer, created_at) VALUES
       ('o', 'old', 'h', '[]', now() - interval '8 days'), ('o', 'new', 'h', '[]', now() - interval '6 days')`,
  );
  expect(await tidy(deps)).toEqual({ ...NOTHING, orderRequests: 1 });
  const { rows } = await deps.pool.query('SELECT key FROM order_requests');
  expect(rows).toEqual([{ key: 'new' }]);
});

test('a stored answer goes with its file once nobody has used it for long, one of a search without', async () => {
  const draft = join(deps.config.dataDir, 'spoken.wav');
  await writeFile(draft, 'sound');
  const file = await deps.artifacts.put(draft, 'shared/speech/one.wav');
  const keep = (key: string, answer: unknown, days: number) =>
    deps.pool.query(
      `INSERT INTO paid_answers (key, stage, kind, answer, cost, used_at)
       VALUES ($1, 'audio_synthesis', 'test', $2, 0, now() - $3 * interval '1 day')`,
      [key, JSON.stringify(answer), days],
    );
  await keep('sound', file, 31);
  await keep('old search', { clips: [] }, 31);
  await keep('search', { clips: [] }, 1);
  expect(await tidy(deps)).toEqual({ ...NOTHING, sharedFiles: 1, answers: 1 });
  expect(await deps.artifacts.find(file.key)).toBeNull();
  const { rows } = await deps.pool.query('SELECT key FROM paid_answers');
  expect(rows).toEqual([{ key: 'search' }]);
});

test('with ARTIFACT_DAYS at 0 files are kept for ever', async () => {
  const answer = await submitOrder(deps, anOrder());
  if (!answer.accepted) throw new Error('refused');
  const files = await storePackage(deps, answer.video_id, { 'bill.json': '{}' });
  await endRow(deps, answer.video_id, { status: 'completed', cost: '0.000000' });
  await deps.pool.query(`UPDATE video_queue SET completed_at = now() - interval '20 years'`);
  expect(await tidy({ ...deps, config: { ...deps.config, artifactDays: 0 } })).toEqual(NOTHING);
  expect(await deps.artifacts.find(files['bill.json'].key)).not.toBeNull();
  expect(await tidy(deps)).toEqual({ ...NOTHING, videos: 1 });
});

test('a half-written file of a killed process is removed once no copy can take so long', async () => {
  const [old, fresh] = ['old', 'fresh'].map((name) => join(deps.config.artifactsDir, '.parts', name));
  for (const path of [old, fresh]) await writeFile(path ?? '', 'half');
  const longAgo = new Date(Date.now() - 2 * 3_600_000);
  await utimes(old ?? '', longAgo, longAgo);
  expect(await tidy(deps)).toEqual({ ...NOTHING, parts: 1 });
  expect(await deps.artifacts.find('.parts/fresh')).toBe(fresh);
});

test('only one process tidies at a time', async () => {
  await inTransaction(deps.pool, async (tx) => {
    await tx.query(`SELECT pg_advisory_xact_lock(${lockKey(deps.config.schema, 'tidy')})`);
    expect(await tidy(deps)).toBeNull();
  });
  expect(await tidy(deps)).toEqual(NOTHING);
});
