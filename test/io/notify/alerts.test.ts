import { afterAll, beforeEach, expect, test } from 'vitest';
import { criticalAlert } from '../../../api/openapi/webhooks.ts';
import type { NewEvent } from '../../../domain/events.ts';
import { createEventStream } from '../../../infra/events/event-stream.ts';
import { withAlerts } from '../../../infra/notify/alerts.ts';
import { registerProviders, resumeProvider } from '../../../infra/providers/registry.ts';
import { openPool } from '../../../infra/stores/postgres.ts';
import { createTestDeps } from '../../support/test-deps.ts';
import { WEBHOOK_SECRETS } from '../../support/webhooks.ts';

const VIDEO = '6f0b0a3e-5c0e-4c7e-9a55-0d5a4f1f7b11';
const webhooks = { signed: true, alertUrl: 'https://alerts.example/', hosts: [] };
/** No worker polls its queues: what is told of stays in its rows. */
const deps = await createTestDeps({ webhooks });
/** Without alerts. */
const plain = createEventStream(deps.config, deps.log);

afterAll(async () => {
  await plain.close();
  await deps.close();
});
beforeEach(() => deps.pool.query('DELETE FROM notifications'));

async function tell(...events: NewEvent[]): Promise<void> {
  for (const event of events) await deps.events.publish(event);
}

async function alerts() {
  const { rows } = await deps.pool.query<{ body: string }>(
    'SELECT body FROM notifications WHERE video_id IS NULL ORDER BY created_at',
  );
  return rows.map(({ body }) => criticalAlert.parse(JSON.parse(body)).data);
}

const disk = { video_id: null, machine: 'm1', free_mb: 1, floor_mb: 500 };
const lane = { video_id: null, machine: 'm1', lane: 'gpu' } as const;
const stuck: NewEvent = {
  type: 'stage.alert',
  video_id: VIDEO,
  stage: 'video_rendering',
  severity: 'infrastructure',
  message: 'our own servers have failed the stage for 60 s',
};
const closed: NewEvent = {
  type: 'provider.closed',
  video_id: VIDEO,
  provider: 'openai-chat',
  reason: 'bad key',
  closed_until: null,
};
const opened: NewEvent = { type: 'provider.opened', video_id: VIDEO, provider: 'openai-chat' };

test.each<[NewEvent, object]>([
  [stuck, { event: 'stage.alert', severity: 'infrastructure', stage: 'video_rendering' }],
  [closed, { event: 'provider.closed', severity: 'critical', stage: null, reason: 'bad key' }],
  [
    { type: 'disk.low', ...disk },
    { event: 'disk.low', video_id: null, machine: 'm1', free_mb: 1 },
  ],
  [
    { type: 'lane.down', ...lane, reason: 'no encoder' },
    { event: 'lane.down', lane: 'gpu' },
  ],
  [
    { type: 'cost.alert', video_id: VIDEO, level: 'critical', cost: 2.8 },
    { event: 'cost.alert', level: 'critical', cost: 2.8, error: 'cost critical: $2.8' },
  ],
  [
    {
      type: 'stage.failed',
      video_id: VIDEO,
      stage: 'script_generation',
      attempt: 1,
      kind: 'provider_account',
      message: 'refused',
      next: 'waits',
    },
    { event: 'stage.failed', severity: 'critical', kind: 'provider_account', error: 'refused' },
  ],
])('a critical event is told of: %j', async (event, data) => {
  await tell(event);
  expect(await alerts()).toMatchObject([data]);
});

test('what is not critical is not told of', async () => {
  await tell(
    { type: 'cost.alert', video_id: VIDEO, level: 'warning', cost: 2.5 },
    { type: 'video.released', video_id: VIDEO, reason: 'paused' },
    opened,
    { type: 'disk.ok', ...disk },
  );
  expect(await alerts()).toEqual([]);
});

test('a trouble that lasts is one alert, however often it is told of', async () => {
  await tell(stuck, stuck, closed, stuck, closed);
  expect(await alerts()).toHaveLength(2);
  await tell({ ...stuck, stage: 'audio_synthesis' }, { ...closed, provider: 'pexels' });
  expect(await alerts()).toHaveLength(4);
});

test.each<[string, NewEvent, NewEvent]>([
  ['a provider', closed, opened],
  ['a disk', { type: 'disk.low', ...disk }, { type: 'disk.ok', ...disk }],
  ['a lane', { type: 'lane.down', ...lane, reason: 'x' }, { type: 'lane.up', ...lane }],
])('the trouble of %s is news again once it was over', async (_, trouble, over) => {
  await tell(trouble, trouble, over, trouble, trouble);
  expect(await alerts()).toHaveLength(2);
});

test('a provider that closes again after an operator resumed it is news', async () => {
  const chat = { name: 'openai-chat', kind: 'llm', account: 'key', standIn: null } as const;
  await registerProviders(deps, [chat]);
  await tell(closed);
  await deps.pool.query(`UPDATE provider_state SET state = 'closed'`);
  await resumeProvider(deps, 'openai-chat', 'test');
  await tell(closed);
  expect(await alerts()).toHaveLength(2);
});

test('a trouble that was silent for 20 minutes is news again', async () => {
  await tell(stuck);
  const silentFor = (minutes: number) =>
    deps.pool.query(`UPDATE notifications SET seen_at = clock_timestamp() - $1 * interval '1 minute'`, [
      minutes,
    ]);
  await silentFor(19);
  await tell(stuck);
  await silentFor(19);
  await tell(stuck);
  expect(await alerts()).toHaveLength(1);
  await silentFor(21);
  await tell(stuck);
  expect(await alerts()).toHaveLength(2);
});

test('a key that stands in an error is not told to anybody', async () => {
  const secrets = { ...WEBHOOK_SECRETS, openai: 'sk-very-secret' };
  const events = withAlerts({ ...deps, events: plain, secrets });
  await events.publish({ ...closed, provider: 'keys', reason: 'Incorrect API key provided: sk-very-secret' });
  expect(JSON.stringify(await alerts())).toMatch(/Incorrect API key provided: \*\*\*/);
});

test('an alert that cannot be written, and a receiver that is not configured, disturb no event', async () => {
  const pool = openPool({ ...deps.config, databaseUrl: 'postgres://x@127.0.0.1:1/x' });
  await withAlerts({ ...deps, events: plain, pool }).publish(stuck);
  await pool.end();
  const quiet = { ...deps.config, webhooks: { ...webhooks, alertUrl: null } };
  expect(withAlerts({ ...deps, events: plain, config: quiet })).toBe(plain);
  expect(await alerts()).toEqual([]);
});
