import { writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runChild } from '../../../activities/child.ts';
import { CLIP_INPUT, inspectClip } from '../../../activities/footage/inspect.ts';
import { ClipRefused } from '../../../activities/footage/refused.ts';
import { createVideoRendering } from '../../../activities/video-rendering.ts';
import { type ClipKind, clipShelf } from '../../support/fakes/pexels-clips.ts';
import { frameTimes } from '../../support/measure.ts';
import { type TestStage, testStage } from '../../support/stage-context.ts';
import { showClips, storeSyntheticVideo } from '../../support/synthetic-video.ts';

/** Clips that have passed the download, as one would that was made by somebody who knows its checks. */
const tools = { ffmpeg: 'ffmpeg', ffprobe: 'ffprobe', ttsPython: null, espeak: null };

let shelf: Awaited<ReturnType<typeof clipShelf>>;
let stage: TestStage;
let bait: Server;
let taken = 0;

beforeAll(async () => {
  [shelf, stage] = await Promise.all([clipShelf(), testStage()]);
  bait = createServer((_, response) => {
    taken += 1;
    response.end();
  });
  await new Promise<void>((resolve) => bait.listen(0, '127.0.0.1', resolve));
});
afterAll(async () => {
  bait.close();
  await shelf.remove();
  await stage.remove();
});

async function clipFile(kind: ClipKind): Promise<string> {
  const path = join(stage.root, `${kind}.mp4`);
  await writeFile(path, await shelf.clip(kind));
  return path;
}

const inspect = (path: string) => inspectClip(tools, path, stage.context.signal);

test('a list that calls itself a clip opens neither files nor addresses', async () => {
  const good = await clipFile('landscape');
  const address = `http://127.0.0.1:${(bait.address() as AddressInfo).port}/key`;
  const lists = [
    `#EXTM3U\n#EXTINF:4,\nfile://${good}\n#EXT-X-ENDLIST\n`,
    `#EXTM3U\n#EXT-X-KEY:METHOD=AES-128,URI="${address}"\n#EXTINF:4,\n${address}\n#EXT-X-ENDLIST\n`,
    `ffconcat version 1.0\nfile '${good}'\n`,
    `ffconcat version 1.0\nfile '${address}'\n`,
    `<MPD><BaseURL>${address}</BaseURL></MPD>`,
    `[playlist]\nFile1=${address}\n`,
  ];
  for (const list of lists) {
    const path = join(stage.root, 'list.mp4');
    await writeFile(path, list);
    await expect(inspect(path)).rejects.toThrow(ClipRefused);
  }
  expect(taken).toBe(0);
});

test('a file of another container is refused when it is collected, not when it is rendered', async () => {
  await expect(inspect(await clipFile('matroska'))).rejects.toThrow(ClipRefused);
});

test('a picture that grows beyond 4K after the first look is not decoded, and the video is whole', async () => {
  const path = await clipFile('growing');
  const facts = await inspect(path);
  expect(facts).toMatchObject({ width: 640, height: 360 });
  const frames = async (options: string[]) => {
    const args = ['-v', 'quiet', '-progress', 'pipe:1', ...options, '-i', path, '-f', 'null', '-'];
    const { stdout } = await runChild('ffmpeg', args, { signal: stage.context.signal });
    return stdout.match(/^frame=\d+$/gmu)?.at(-1);
  };
  expect(await frames([])).toBe('frame=49');
  expect(await frames(CLIP_INPUT)).toBe('frame=45');

  await storeSyntheticVideo(stage, [{ text: 'It grows', ms: 1600 }]);
  const licence = { source: 'test', id: '1', author: 'us', licence: 'own', sha256: 'aa' };
  showClips(stage, 0, [{ ...facts, licence, file: await stage.store(path, 'media/growing.mp4') }]);
  const { result } = await createVideoRendering(tools, 2, 0)(stage.context);
  expect(result.frames).toBe(48);
  const video = await stage.context.fetch(result.video);
  expect(await frameTimes(video)).toEqual(Array.from({ length: 48 }, (_, i) => i * 512));
});
