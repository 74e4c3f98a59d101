import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { licencesIn } from '../../../activities/upload/licences.ts';
import type { SceneMedia } from '../../../domain/results.ts';
import { forgetOldUses, takeClipFor, VIDEOS_APART } from '../../../infra/media/footage-uses.ts';
import type { OfferedVideo } from '../../support/fakes/pexels.ts';
import { aScript, type FootageWorld, openFootageWorld } from './footage-world.ts';

let world: FootageWorld;
beforeAll(async () => {
  world = await openFootageWorld();
});
afterAll(() => world.close());

const script = aScript(['kelp', 'kelp forest']);
/** Ids of their own, so that a page shows which of them it holds. */
const offered = (count: number, first: number): OfferedVideo[] =>
  Array.from({ length: count }, (_, i) => ({ clip: 'waves', id: first + i }));

async function clipsOf(channel: string, videoId: string = randomUUID()): Promise<string[]> {
  const { scenes, stage } = await world.collect(script, { order: { channel_id: channel }, videoId });
  expect(stage.warnings).toEqual([]);
  return idsOf(scenes);
}

function idsOf(scenes: readonly SceneMedia[]): string[] {
  return scenes.flatMap(licencesIn).map(({ id }) => id);
}

test('the next video of a channel shows other clips, another channel and the same video the same ones', async () => {
  const videoId = randomUUID();
  const first = await clipsOf('sea', videoId);
  const second = await clipsOf('sea');
  expect(second.filter((id) => first.includes(id))).toEqual([]);
  expect(await clipsOf('sea', videoId)).toEqual(first);
  expect(await clipsOf('land')).toEqual(first);
});

test('a search goes on to its later pages when the channel has shown what the first ones hold', async () => {
  world.fake.offer('kelp', offered(85, 5000));
  world.fake.offer('kelp forest', []);
  world.answers.clear();
  const other = { channelId: 'deep', videoId: randomUUID() };
  for (let id = 5000; id < 5082; id += 1) await takeClipFor(world.deps.pool, other, 'pexels', String(id));
  const { scenes, stage } = await world.collect(script, {
    order: { channel_id: 'deep' },
    videoId: randomUUID(),
  });
  expect(idsOf(scenes)).toEqual(['5082', '5083']);
  const pages = world.fake.paths
    .filter((path) => path.includes('query=kelp&'))
    .slice(-3)
    .map((path) => /page=\d+&per_page=\d+/.exec(path)?.[0]);
  expect(pages).toEqual(['page=1&per_page=15', 'page=1&per_page=80', 'page=2&per_page=80']);
  expect(stage.warnings.map(({ code }) => code)).toEqual(['footage_missing']);
});

test('of videos that want a clip at once one gets it', async () => {
  const videos = Array.from({ length: 8 }, () => ({ channelId: 'race', videoId: randomUUID() }));
  const got = await Promise.all(videos.map((each) => takeClipFor(world.deps.pool, each, 'pexels', '1')));
  expect(got.filter(Boolean)).toHaveLength(1);
});

test('a clip may be shown again after fifty other videos of its channel', async () => {
  const { pool } = world.deps;
  const take = (video: { videoId: string }, clip: string) =>
    takeClipFor(pool, { channelId: 'long', ...video }, 'pexels', clip);
  const mayShow = async () => {
    const video = { videoId: randomUUID() };
    await forgetOldUses(pool, { channelId: 'long', ...video });
    return take(video, 'the-first');
  };
  await take({ videoId: randomUUID() }, 'the-first');
  for (let i = 1; i < VIDEOS_APART; i += 1) await take({ videoId: randomUUID() }, `clip ${i}`);
  expect(await mayShow()).toBe(false);
  await take({ videoId: randomUUID() }, 'one more');
  expect(await mayShow()).toBe(true);
});
