import { afterAll, beforeEach, expect, test } from 'vitest';
import { submitOrder } from '../../../infra/queue/orders.ts';
import { forgetRecords } from '../../../infra/retention/records.ts';
import { endRow } from '../../support/scripted-video.ts';
import { anOrder, createTestDeps } from '../../support/test-deps.ts';

const deps = await createTestDeps({ retention: { recordDays: 90, analyticsDays: 730, auditDays: 365 } });
afterAll(() => deps.close());

const TABLES = ['stage_runs', 'notifications', 'analytics_data', 'audit_log'] as const;

beforeEach(async () => {
  for (const table of ['video_queue', ...TABLES]) await deps.pool.query(`DELETE FROM ${table}`);
});

/** A video that ended so many days ago, with a row of each kind as old. */
async function aVideoOf(days: number, status: 'completed' | 'failed' = 'failed'): Promise<string> {
  const answer = await submitOrder(deps, anOrder());
  if (!answer.accepted) throw new Error('refused');
  const id = answer.video_id;
  await endRow(deps, id, { status, cost: '0.100000', message: 'an error' });
  const ago = `now() - ${days} * interval '1 day'`;
  for (const statement of [
    `UPDATE video_queue SET completed_at = ${ago} WHERE id = $1`,
    `INSERT INTO stage_runs (video_id, stage, generation, admission_no, run_id, activity_id, attempt, lane, worker)
     VALUES ($1::uuid, 'script_generation', 1, 1, $1::text, 'a', 1, 'cpu', 'w')`,
    `INSERT INTO notifications (id, video_id, body, state, ended_at) VALUES ($1::text, $1::uuid, '{}', 'delivered', ${ago})`,
    `INSERT INTO audit_log (who, action, video_id, at) VALUES ('o', 'cancel', $1, ${ago})`,
    `INSERT INTO analytics_data (channel_id, metric_type, metric_value, timestamp)
     VALUES ($1::text, 'subscribers', '1', ${ago})`,
    `INSERT INTO pipeline_costs (video_id, key, service, operation, provider, model, quantity, unit, amount, timestamp)
     VALUES ($1, 'k', 'openai', 'o', 'p', 'm', 1, 'call', 0.1, ${ago})`,
  ]) {
    await deps.pool.query(statement, [id]);
  }
  return id;
}

const count = async (table: string) =>
  (await deps.pool.query<{ n: number }>(`SELECT count(*) AS n FROM ${table}`)).rows[0]?.n;
const errors = async (id: string) =>
  (
    await deps.pool.query<{ n: number }>(
      'SELECT jsonb_array_length(error_log) AS n FROM video_queue WHERE id = $1',
      [id],
    )
  ).rows[0]?.n;

test.each([
  [89, { stage_runs: 1, notifications: 1, analytics_data: 1, audit_log: 1 }, 1],
  [91, { stage_runs: 0, notifications: 0, analytics_data: 1, audit_log: 1 }, 0],
  [366, { stage_runs: 0, notifications: 0, analytics_data: 1, audit_log: 0 }, 0],
  [731, { stage_runs: 0, notifications: 0, analytics_data: 0, audit_log: 0 }, 0],
])(
  'of a video that ended %i days ago is kept what its days allow, and always the ledger',
  async (days, kept, told) => {
    const id = await aVideoOf(days);
    await forgetRecords(deps);
    for (const table of TABLES) expect([table, await count(table)]).toEqual([table, kept[table]]);
    expect(await errors(id)).toBe(told);
    expect(await count('pipeline_costs')).toBe(1);
    expect(await forgetRecords(deps)).toBe(0);
  },
);

test.each(['queued', 'processing'])(
  'a %s video keeps its attempts and errors, however old they are',
  async (status) => {
    const id = await aVideoOf(4_000);
    await deps.pool.query('UPDATE video_queue SET status = $1', [status]);
    await forgetRecords(deps);
    expect([await count('stage_runs'), await errors(id)]).toEqual([1, 1]);
  },
);

test('a notification that is not delivered yet is kept', async () => {
  await aVideoOf(4_000);
  await deps.pool.query(`UPDATE notifications SET state = 'pending', ended_at = NULL`);
  await forgetRecords(deps);
  expect(await count('notifications')).toBe(1);
});

test('with 0 days all is kept for ever', async () => {
  await aVideoOf(9_000);
  const retention = { recordDays: 0, analyticsDays: 0, auditDays: 0 };
  expect(await forgetRecords({ ...deps, config: { ...deps.config, retention } })).toBe(0);
});

test('two that forget at once get in no way of each other, and a backlog takes several passes', async () => {
  const id = await aVideoOf(400);
  await deps.pool.query(
    `INSERT INTO stage_runs (video_id, stage, generation, admission_no, run_id, activity_id, attempt, lane, worker)
     SELECT $1, 'video_rendering', 1, 1, 'many', 'a', n, 'cpu', 'w' FROM generate_series(1, 6000) AS n`,
    [id],
  );
  await Promise.all([forgetRecords(deps), forgetRecords(deps)]);
  await forgetRecords(deps);
  expect(await count('stage_runs')).toBe(0);
});
