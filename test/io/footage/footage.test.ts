import { readdir } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { chooseFootage } from '../../../activities/media-collection.ts';
import type { FootageProvider } from '../../../activities/providers/footage.ts';
import { createCardFootage } from '../../../activities/providers/footage-cards.ts';
import { licencesIn, licencesOf } from '../../../activities/upload/licences.ts';
import { NO_SECRETS } from '../../../infra/settings/secrets.ts';
import { aScript, type FootageWorld, footageOf, openFootageWorld } from './footage-world.ts';

let world: FootageWorld;
beforeAll(async () => {
  world = await openFootageWorld();
});
afterAll(() => world.close());

const providers: { name: string; provider: () => FootageProvider }[] = [
  { name: 'motion-cards', provider: createCardFootage },
  { name: 'pexels', provider: () => world.provider() },
];

/** Every source of footage passes the same suite. */
describe.each(providers)('$name', ({ name, provider }) => {
  test('gives every scene pictures that are in the store, with a licence for each', async () => {
    const script = aScript(['port suite'], ['port second'], ['port third']);
    const { scenes, stage, providers: used } = await world.collect(script, { provider: provider() });
    expect(scenes).toHaveLength(3);
    expect(used).toEqual({ footage: name });
    for (const licence of scenes.flatMap(licencesIn)) {
      expect(licence).toMatchObject({ source: /./, id: /./, author: /./, licence: /./ });
      expect(licence.sha256).toMatch(/^[0-9a-f]{64}$/);
    }
    for (const scene of scenes) await stage.context.fetch(scene.overlay);
  });

  test('stops with the reason of the cancellation', async () => {
    const stage = await world.stage(aScript(['stopped']));
    stage.abort(new Error('the operator said so'));
    const { context } = stage;
    const collecting = provider().collect(aScript(['stopped']), context.order, {
      ...context,
      onScene: () => {},
    });
    await expect(collecting).rejects.toThrow('the operator said so');
  });
});

describe('pexels', () => {
  test('is chosen when it is set up, else the cards', () => {
    const { deps } = world;
    const set = {
      ...deps.config,
      providers: { ...deps.config.providers, footage: { baseUrl: 'x', hosts: [] } },
    };
    const unset = { ...set, providers: { ...set.providers, footage: null } };
    const parts = { pool: deps.pool, artifacts: deps.artifacts, secrets: NO_SECRETS };
    expect(chooseFootage({ ...parts, config: set }).name).toBe('pexels');
    expect(chooseFootage({ ...parts, config: unset }).name).toBe('motion-cards');
  });

  test('covers the speech of every scene and shows no clip twice', async () => {
    const { scenes, stage } = await world.collect(aScript(['reef', 'fish'], ['reef'], ['fish', 'reef']));
    const clips = scenes.map((scene) => footageOf(scene).clips);
    // Six seconds of speech are two clips of four seconds.
    for (const inScene of clips)
      expect(sum(inScene.map(({ durationMs }) => durationMs))).toBeGreaterThan(6000);
    const ids = clips.flat().map(({ licence }) => licence.id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(stage.warnings).toEqual([]);
    const {
      kind,
      clips: [first],
    } = footageOf(scenes[0]);
    expect(kind).toBe('footage');
    expect(first).toMatchObject({ width: 960, height: 540, fps: 30, colorSpace: 'bt709' });
  });

  test('records source, author, page, time and hash of each clip, and its searches at no price', async () => {
    const script = aScript(['licence word', 'another word']);
    const { scenes, stage } = await world.collect(script);
    const { media } = licencesOf(script, { scenes }, { voice: 'flite' });
    const [clip] = footageOf(scenes[0]).clips;
    const id = media[0]?.id ?? '';
    expect(media[0]).toEqual({
      ...{ scene: 1, heading: 'Scene 1', source: 'Pexels', id, author: `Author ${id}` },
      ...{ licence: 'Pexels License', url: `https://www.pexels.com/video/${id}/` },
      fetchedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
      sha256: clip?.file.sha256,
    });
    const use = { service: 'media_api', operation: 'search', provider: 'pexels', model: 'videos' };
    expect(stage.charges).toEqual(Array(2).fill({ ...use, quantity: 1, unit: 'call' }));
  });

  test('downloads the smallest file that fills the frame, three at once at most', async () => {
    const sizes: [number, number][] = [
      ...([
        [7680, 4320],
        [3840, 2160],
        [1920, 1080],
        [1280, 720],
      ] satisfies [number, number][]),
    ];
    world.fake.offer(
      'sizes',
      Array.from({ length: 5 }, () => ({ clip: 'waves', duration: 2, sizes })),
    );
    await world.collect(aScript(['sizes', 'sizes too']));
    const asked = world.fake.paths.filter((path) => path.includes('/files/') && path.includes('-1920'));
    expect(asked.length).toBeGreaterThan(0);
    expect(world.fake.paths.some((path) => /-(7680|3840|1280)\.mp4/.test(path))).toBe(false);
    expect(world.fake.peak).toBeLessThanOrEqual(3);
  });

  test('searches in the language of the video', async () => {
    await world.collect({ ...aScript(['tiefsee']), language: 'de' }, { order: { aspect: '16:9' } });
    const asked = world.fake.paths.find((path) => path.includes('tiefsee'));
    expect(asked).toContain('locale=de-DE');
    expect(asked).toContain('orientation=landscape');
  });

  test('a word that finds nothing is a warning, and the other word fills the scene', async () => {
    world.fake.offer('nothingness', []);
    const { scenes, stage } = await world.collect(
      aScript(['nothingness', 'jellyfish'], ['nothingness', 'whale']),
    );
    expect(scenes.map(({ kind }) => kind)).toEqual(['footage', 'footage']);
    expect(stage.warnings).toEqual([
      { code: 'footage_missing', message: 'Pexels has no footage for "nothingness"' },
    ]);
  });

  test('a scene for which nothing is found shows its designed card, with a warning', async () => {
    for (const term of ['void', 'gap']) world.fake.offer(term, []);
    const { scenes, stage } = await world.collect(aScript(['void', 'gap'], ['squid']));
    expect(scenes.map(({ kind }) => kind)).toEqual(['card', 'footage']);
    expect(stage.warnings.map(({ code }) => code)).toEqual([
      'footage_missing',
      'footage_missing',
      'footage_card',
    ]);
    expect(stage.warnings.at(-1)?.message).toContain('scene 1');
    expect(await readdir(stage.context.workDir)).toContain('scene-01-background.jpg');
  });
});

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
