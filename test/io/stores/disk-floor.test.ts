import { Redis } from 'ioredis';
import { afterAll, beforeEach, expect, test } from 'vitest';
import type { PipelineEvent } from '../../../domain/events.ts';
import type { Deps } from '../../../infra/deps.ts';
import { commitAdmission } from '../../../infra/queue/admission.ts';
import { watchDisk } from '../../../infra/queue/disk-floor.ts';
import { readVideo } from '../../../infra/views/video-view.ts';
import { newVideo } from '../../support/stream-client.ts';
import { createTestDeps, registerPlaces } from '../../support/test-deps.ts';
import { eventually } from '../../support/test-pipeline.ts';

const MB = 1024 ** 2;
const stores = await createTestDeps({ minFreeDiskBytes: 500 * MB });
let freeMb = 1_000;
const deps: Deps = { ...stores, artifacts: { ...stores.artifacts, freeBytes: async () => freeMb * MB } };
const machine = deps.config.machine.id;
const redis = new Redis(deps.config.redisUrl);

afterAll(async () => {
  redis.disconnect();
  await stores.close();
});

beforeEach(async () => {
  await deps.pool.query('DELETE FROM video_queue');
  await deps.pool.query('DELETE FROM lane_workers');
  await registerPlaces(deps, { cpu: 1, gpu: 1 });
  await redis.del(`${deps.config.redisPrefix}events`);
});

async function diskHas(megabytes: number): Promise<void> {
  freeMb = megabytes;
  await watchDisk(deps);
}

async function diskEvents(): Promise<Partial<PipelineEvent>[]> {
  const entries = await redis.xrange(`${deps.config.redisPrefix}events`, '-', '+');
  const events = entries.map(([, fields]) => JSON.parse(fields[1] ?? '') as PipelineEvent);
  return events.filter(({ type }) => type.startsWith('disk.')).map(({ at: _, ...event }) => event);
}

test('below the floor nothing is admitted, what waits says why, and it goes on by itself with more room', async () => {
  await diskHas(499);
  const id = await newVideo(stores);
  expect(await commitAdmission(deps)).toEqual([]);
  expect(await readVideo(deps, id)).toMatchObject({ waiting_for: 'disk', eta: null, position: 1 });
  await diskHas(600);
  expect(await readVideo(deps, id)).toMatchObject({ status: 'processing' });
});

test('a machine whose disk is full leaves its videos to one that has room', async () => {
  await diskHas(499);
  const id = await newVideo(stores);
  expect(await readVideo(deps, id)).toMatchObject({ status: 'queued', waiting_for: 'disk' });
  const other = { ...deps, config: { ...deps.config, machine: { ...deps.config.machine, id: 'other' } } };
  await registerPlaces(other, { cpu: 1 });
  expect(await readVideo(deps, id)).toMatchObject({ waiting_for: 'place' });
  expect(await commitAdmission(deps)).toMatchObject([{ id, lane: 'cpu' }]);
});

test('an episode is told once however many look, and a disk that hovers at the floor is one episode', async () => {
  const heard: unknown[] = [];
  const listener = new Redis(deps.config.redisUrl);
  await listener.subscribe(`${deps.config.redisPrefix}pipeline:alert.critical`);
  listener.on('message', (_, message) => heard.push(JSON.parse(message)));
  freeMb = 499;
  await Promise.all(Array.from({ length: 10 }, () => watchDisk(deps)));
  for (const megabytes of [505, 480, 549, 499]) await diskHas(megabytes);
  await diskHas(551);
  await diskHas(501);
  expect(await diskEvents()).toEqual([
    { type: 'disk.low', video_id: null, machine, free_mb: 499, floor_mb: 500 },
    { type: 'disk.ok', video_id: null, machine, free_mb: 551, floor_mb: 500 },
  ]);
  await eventually(
    () => heard.length,
    (count) => count === 1,
  );
  const error = `only 499 MB of 500 MB are free on machine ${machine}: it takes no more videos`;
  expect(heard).toMatchObject([{ severity: 'critical', video_id: null, stage: null, error }]);
  listener.disconnect();
});
