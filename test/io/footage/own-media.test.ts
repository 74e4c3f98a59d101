import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createOwnMedia } from '../../../activities/footage/own.ts';
import { createMediaCollection } from '../../../activities/media-collection.ts';
import { createCardFootage } from '../../../activities/providers/footage-cards.ts';
import { type LicenceFile, licencesIn } from '../../../activities/upload/licences.ts';
import { createUploadPreparation } from '../../../activities/upload-preparation.ts';
import { createVideoRendering } from '../../../activities/video-rendering.ts';
import type { MediaResult } from '../../../domain/results.ts';
import { receiveMedia } from '../../../infra/media/receive.ts';
import { type ClipKind, clipShelf } from '../../support/fakes/pexels-clips.ts';
import { colourAt } from '../../support/measure.ts';
import { ownImage } from '../../support/own-images.ts';
import { type TestStage, testStage } from '../../support/stage-context.ts';
import { storeSyntheticVideo } from '../../support/synthetic-video.ts';
import { createTestDeps, type TestDeps } from '../../support/test-deps.ts';

const SCENES = [1, 2, 3].map((n) => ({ text: `This is scene ${n}`, ms: 2000 }));

let deps: TestDeps;
let shelf: Awaited<ReturnType<typeof clipShelf>>;
const stages: TestStage[] = [];

beforeAll(async () => {
  deps = await createTestDeps();
  shelf = await clipShelf();
});
afterAll(async () => {
  for (const stage of stages) await stage.remove();
  await shelf.remove();
  await deps.close();
});

async function sent(bytes: Buffer): Promise<string> {
  const path = join(deps.config.dataDir, randomUUID());
  await writeFile(path, bytes);
  return (await receiveMedia(deps, createReadStream(path))).id;
}

const clip = async (kind: ClipKind) => sent(await shelf.clip(kind));

/** A small square video whose order names media; its files come from both stores. */
async function collect(media: string[], spoken = SCENES): Promise<{ stage: TestStage; result: MediaResult }> {
  const stage = await testStage({ order: { aspect: '1:1', media } });
  stages.push(stage);
  await storeSyntheticVideo(stage, spoken);
  const { fetch } = stage.context;
  stage.context.fetch = (ref) => (ref.key.startsWith('shared/') ? deps.artifacts.open(ref) : fetch(ref));
  const work = createMediaCollection(createCardFootage(), createOwnMedia(deps));
  const { result } = await work(stage.context);
  stage.context.results.media_collection = result;
  return { stage, result };
}

describe('a video with an image and a clip of its own', () => {
  let stage: TestStage;
  let result: MediaResult;
  let media: string[];
  let video: string;
  beforeAll(async () => {
    media = [await sent(await ownImage('turned')), await clip('bt601')];
    ({ stage, result } = await collect(media));
    const rendered = await createVideoRendering(deps.config.tools, 2, 0)(stage.context);
    video = await stage.context.fetch(rendered.result.video);
  });

  test('shows them first, in the order of the scenes, and cards after them', () => {
    expect(result.scenes.map(({ kind }) => kind)).toEqual(['footage', 'footage', 'card']);
    const ids = result.scenes.slice(0, 2).flatMap(licencesIn);
    expect(ids.map(({ source, id, author }) => [source, id, author])).toEqual(
      media.map((id) => ['own media', id, 'tester']),
    );
    expect(stage.warnings).toEqual([]);
  });

  test('shows the image upright and zooms it slowly', async () => {
    const [left, right] = [
      await colourAt(video, 1, 'crop=100:100:200:200'),
      await colourAt(video, 1, 'crop=100:100:800:200'),
    ];
    expect(left[2]).toBeGreaterThan(150);
    expect(right[0]).toBeGreaterThan(150);
    // Its white edge is a sixteenth of the width, and at the near end of the zoom beyond the frame.
    const edge = async (seconds: number) => (await colourAt(video, seconds, 'crop=10:100:45:200'))[0] ?? 0;
    expect(Math.abs((await edge(0)) - (await edge(1.5)))).toBeGreaterThan(100);
  });
});

test('several share a scene when there are more of them than scenes', async () => {
  const media: string[] = [];
  for (const kind of ['png', 'jpeg', 'webp', 'png'] as const) media.push(await sent(await ownImage(kind)));
  const { result } = await collect(media);
  expect(result.scenes.map(licencesIn).map((all) => all.map(({ id }) => media.indexOf(id)))).toEqual([
    [0],
    [1],
    [2, 3],
  ]);
});

test('what its scene is too short for is named in a warning, and is not in the licences', async () => {
  const media: string[] = [];
  for (const kind of ['png', 'jpeg', 'webp', 'jpeg'] as const) media.push(await sent(await ownImage(kind)));
  const { stage } = await collect(
    media,
    SCENES.map((scene) => ({ ...scene, ms: 400 })),
  );
  const rendered = await createVideoRendering(deps.config.tools, 2, 0)(stage.context);
  expect(stage.warnings).toEqual([
    { code: 'media_left_out', message: expect.stringMatching(new RegExp(` left out: ${media[3]}$`)) },
  ]);
  stage.context.results.video_rendering = rendered.result;
  const { result } = await createUploadPreparation(deps.config.tools)(stage.context);
  const path = await stage.context.fetch(result.files['licences.json']);
  const licences: LicenceFile = JSON.parse(await readFile(path, 'utf8'));
  expect(licences.media.map(({ scene, id }) => [scene, media.indexOf(id)])).toEqual([
    [1, 0],
    [2, 1],
    [3, 2],
  ]);
});

test('what cannot be read is left out with a warning, and its scene shows a card', async () => {
  const torn = (await ownImage('png')).fill(0xff, 60, 400);
  const playlist = Buffer.concat([(await shelf.clip('landscape')).subarray(0, 12), await shelf.clip('hls')]);
  await expect(sent(playlist)).rejects.toThrow('no index');
  const gone = randomUUID();
  const media = [await sent(torn), await clip('truncated-front'), gone];
  const { stage, result } = await collect(media);
  expect(result.scenes.map(({ kind }) => kind)).toEqual(['card', 'card', 'card']);
  expect(stage.warnings.map(({ code, message }) => [code, message.slice(0, 60)])).toEqual([
    ['media_missing', expect.stringContaining(gone)],
    ['media_refused', expect.stringContaining(`media ${media[0]}`)],
    ['media_refused', expect.stringContaining(`media ${media[1]}`)],
  ]);
});
