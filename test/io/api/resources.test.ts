import { afterAll, beforeEach, expect, test } from 'vitest';
import { createApp } from '../../../api/app.ts';
import { cleared, detailedHealth, resources } from '../../../api/openapi/resource-routes.ts';
import { GIB } from '../../../domain/gpu.ts';
import { closeDeps, openDeps } from '../../../infra/deps.ts';
import { readQueueLoad, readStageHistory } from '../../../infra/queue/eta.ts';
import { registerLane } from '../../../infra/queue/lane-workers.ts';
import { submitOrder } from '../../../infra/queue/orders.ts';
import { beginRun } from '../../../infra/stages/stage-records.ts';
import { createMachineFigures } from '../../../infra/views/machine-figures.ts';
import { readMetrics } from '../../../infra/views/metrics.ts';
import { readScrape } from '../../support/scrapes.ts';
import { anOrder, createTestDeps, testLogger } from '../../support/test-deps.ts';

const deps = await createTestDeps({ times: { leaseMs: 60_000 } });
const app = createApp(deps);
afterAll(() => deps.close());

const CARD = 'GPU-00000000-0000-4000-8000-000000000001';
const { machine } = deps.config;

beforeEach(async () => {
  for (const table of ['video_queue', 'lane_workers', 'provider_state', 'audit_log'])
    await deps.pool.query(`DELETE FROM ${table}`);
});

async function call(path: string, method = 'GET', api = app): Promise<unknown> {
  const answer = await api.request(path, { method, headers: { 'content-type': 'application/json' } });
  expect(answer.status).toBe(200);
  return answer.json();
}

const look = async () => resources.parse(await call('/resources/status'));
const health = async (api = app) => detailedHealth.parse(await call('/health/detailed', 'GET', api));

/** A gpu worker with a card and a cpu worker, both in this process. */
async function openLanes() {
  const gpu = await registerLane(deps, 'gpu', { slots: 3, places: 3, encoder: 'h264_nvenc', device: CARD });
  const cpu = await registerLane(deps, 'cpu', { slots: 4, places: 2, encoder: 'libx264' });
  return { gpu, cpu };
}

/** A video in production with a render that runs; answers both. */
async function rendering(complexity: 'simple' | 'complex') {
  const answer = await submitOrder(deps, anOrder({ complexity }));
  if (!answer.accepted) throw new Error(answer.code);
  const { rows } = await deps.pool.query(
    `UPDATE video_queue SET claimed_by = 'chain' WHERE id = $1 RETURNING generation, admission_no, lane`,
    [answer.video_id],
  );
  const input = { video_id: answer.video_id, ...rows[0] };
  const run = { run_id: answer.video_id, activity_id: '1', attempt: 1 };
  const begun = await beginRun(deps, input, 'video_rendering', run, `${machine.id}/${process.pid}`);
  return { videoId: answer.video_id, run: begun.id };
}

const reservation = (run: number, video_id: string) => ({
  ...{ run, video_id, stage: 'video_rendering', bytes: 9 * GIB, since: new Date().toISOString() },
});

test('machines, lanes and what runs on them are shown under the names of the seed', async () => {
  const lanes = await openLanes();
  const [simple, complex] = [await rendering('simple'), await rendering('complex')];
  await submitOrder(deps, anOrder());
  await submitOrder(deps, anOrder());
  const measure = createMachineFigures();
  const gpu = {
    ...{ name: 'NVIDIA L4', uuid: CARD, memoryFreeBytes: 30 * GIB, utilisation: 37, temperature: 51 },
    ...{ memoryTotalBytes: 32 * GIB, memoryUsedBytes: 2 * GIB },
  };
  await lanes.gpu.renew({
    figures: await measure(gpu),
    reservations: [reservation(complex.run, complex.videoId)],
  });
  const shown = await look();
  expect(shown.gpu).toEqual({
    ...{ gpu_name: 'NVIDIA L4', gpu_memory_used_mb: 2048, gpu_memory_total_mb: 32768, gpu_utilization: 37 },
    ...{ gpu_temperature: 51, active_jobs: 1, memory_allocated_mb: 9216, memory_available_mb: 19456 },
  });
  expect(shown.cpu).toMatchObject({ cores_available: machine.cores, active_jobs: 1, memory_used_mb: 8192 });
  expect(shown.cpu.memory_available_mb).toBeGreaterThan(0);
  const place = { stage: 'video_rendering', machine_id: machine.id, age_s: expect.any(Number) };
  expect(shown.allocations).toEqual({
    gpu: [{ ...place, video_id: complex.videoId, memory_mb: 9216 }],
    cpu: [{ ...place, video_id: simple.videoId, memory_mb: 8192 }],
  });
  expect(shown.lanes).toEqual({
    gpu: { slots: 3, places: 3, places_used: 1, places_free: 2, running: 1, waiting: 0 },
    cpu: { slots: 4, places: 2, places_used: 2, places_free: 0, running: 1, waiting: 1 },
  });
  expect(shown.machines).toMatchObject([
    {
      machine_id: machine.id,
      lanes: [
        { lane: 'gpu', device: CARD, running: 1, memory_allocated_mb: 9216, encoder: 'h264_nvenc' },
        { lane: 'cpu', device: null, running: 1, memory_allocated_mb: 0, encoder: 'libx264' },
      ],
    },
  ]);
});

test('without workers nothing is offered, and a dead one is not shown', async () => {
  await openLanes();
  await deps.pool.query(`UPDATE lane_workers SET lease_until = now() - interval '1 s'`);
  const shown = await look();
  expect(shown.machines).toEqual([]);
  expect(shown.gpu).toMatchObject({ gpu_name: null, memory_allocated_mb: 0, memory_available_mb: 0 });
  expect(shown.lanes.cpu).toMatchObject({ places: 0, places_free: 0 });
});

test('a machine whose disk is nearly full counts for no place, wherever places are told', async () => {
  await registerLane(deps, 'cpu', { slots: 4, places: 2, encoder: 'libx264' });
  await deps.pool.query('UPDATE lane_workers SET disk_low = true');
  const other = { ...deps, config: { ...deps.config, machine: { ...machine, id: 'other' } } };
  await registerLane(other, 'cpu', { slots: 4, places: 1, encoder: 'libx264' });
  await submitOrder(deps, anOrder());
  await submitOrder(deps, anOrder());
  const { lanes, machines } = await look();
  expect(lanes.cpu).toMatchObject({ slots: 8, places: 1, places_used: 1, places_free: 0, waiting: 1 });
  const places = machines.map(({ machine_id, lanes: [cpu] }) => [machine_id, cpu?.places]);
  expect(Object.fromEntries(places)).toEqual({ [machine.id]: 0, other: 1 });
  expect(await readMetrics(deps)).toMatchObject({ lanes: { cpu: { places: 1, used: 1 } } });
  const load = await readQueueLoad(deps.pool, await readStageHistory(deps.pool));
  expect(load.lanes.cpu.places).toBe(1);
  const scraped = readScrape(await (await app.request('/metrics')).text());
  expect(scraped.value('ytempire_places_offered', { lane: 'cpu' })).toBe(1);
});

test('a clear frees what jobs that are gone hold, is audited, and leaves running ones alone', async () => {
  const { gpu } = await openLanes();
  const [gone, running] = [await rendering('complex'), await rendering('complex')];
  await gpu.renew({
    reservations: [reservation(gone.run, gone.videoId), reservation(running.run, running.videoId)],
  });
  await deps.pool.query(`UPDATE video_queue SET status = 'cancelled' WHERE id = $1`, [gone.videoId]);
  expect(cleared.parse(await call('/resources/clear/gpu', 'POST'))).toMatchObject({
    status: 'cleared',
    freed: 1,
  });
  const { rows } = await deps.pool.query(`SELECT reservations FROM lane_workers WHERE lane = 'gpu'`);
  expect(rows[0].reservations).toMatchObject([{ run: running.run }]);
  expect(await gpu.renew()).toBe(1);
  expect(await call('/resources/clear/gpu', 'POST')).toMatchObject({ freed: 0 });
  const audited = await deps.pool.query('SELECT who, action, detail FROM audit_log ORDER BY id');
  expect(audited.rows).toEqual([
    { who: 'local', action: 'clear_gpu', detail: { freed: 1 } },
    { who: 'local', action: 'clear_gpu', detail: { freed: 0 } },
  ]);
});

test('health says why complex videos wait while no gpu worker is alive', async () => {
  await submitOrder(deps, anOrder({ complexity: 'complex' }));
  await registerLane(deps, 'cpu', { slots: 4, places: 2, encoder: 'libx264' });
  const { overall_status, components } = await health();
  expect(overall_status).toBe('degraded');
  expect(components).toMatchObject({
    database: { status: 'healthy', reason: null },
    redis: { status: 'healthy' },
    temporal: { status: 'healthy' },
    gpu: { status: 'unavailable', reason: 'no gpu worker is alive' },
    lanes: {
      status: 'degraded',
      reason: 'no gpu worker is alive: 1 complex videos wait, premium ones are made on the cpu lane',
    },
    disk: { status: 'healthy' },
    providers: { status: 'healthy' },
  });
});

test('health is good without a gpu worker while no complex video waits', async () => {
  await registerLane(deps, 'cpu', { slots: 4, places: 2, encoder: 'libx264' });
  expect(await health()).toMatchObject({
    overall_status: 'healthy',
    components: { gpu: { status: 'unavailable' }, lanes: { status: 'healthy', reason: null } },
  });
});

test('health is good with all lanes, with or without a card, and names what is not', async () => {
  const { gpu } = await openLanes();
  expect(await health()).toMatchObject({ overall_status: 'healthy' });
  await gpu.renew({ places: 0, trouble: 'No capable devices found' });
  await submitOrder(deps, anOrder({ complexity: 'complex' }));
  await deps.pool.query(
    `INSERT INTO provider_state (name, kind, state, reason, closed_until) VALUES
       ('openai-chat', 'llm', 'closed', 'no balance', NULL), ('pexels', 'footage', 'closed', 'late', now() - interval '1 s')`,
  );
  const { components } = await health();
  expect(components.gpu.reason).toBe(`the card of ${machine.id} does not encode: No capable devices found`);
  expect(components.lanes.reason).toMatch(/^no gpu worker takes work/);
  expect(components.providers.reason).toBe('openai-chat is closed until resumed: no balance');
  await gpu.drop();
  await registerLane(deps, 'gpu', { slots: 3, places: 1, encoder: 'libx264' });
  await deps.pool.query('DELETE FROM provider_state');
  expect(await health()).toMatchObject({
    overall_status: 'healthy',
    components: { gpu: { status: 'unavailable', reason: expect.stringContaining('encodes in software') } },
  });
});

test('health answers while Postgres, Redis and Temporal are away', async () => {
  const nowhere = '127.0.0.1:1';
  const away = await openDeps(
    {
      ...deps.config,
      databaseUrl: `postgres://nobody@${nowhere}/none`,
      redisUrl: `redis://${nowhere}`,
      temporal: { ...deps.config.temporal, address: nowhere },
    },
    testLogger(),
  );
  const { overall_status, components } = await health(createApp(away));
  expect(overall_status).toBe('unhealthy');
  expect(components).toMatchObject({
    database: { status: 'unhealthy' },
    redis: { status: 'degraded' },
    temporal: { status: 'degraded' },
    lanes: { status: 'unknown' },
  });
  await closeDeps(away);
});
