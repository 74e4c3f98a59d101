import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { createUploadPreparation } from '../../../activities/upload-preparation.ts';
import { StageError } from '../../../domain/errors.ts';
import { testStage } from '../../support/stage-context.ts';
import { storeSyntheticVideo } from '../../support/synthetic-video.ts';

const prepare = createUploadPreparation({ ffmpeg: process.env['FFMPEG_PATH'] ?? 'ffmpeg' });
const stage = await testStage({ order: { aspect: '1:1' } });
afterAll(() => stage.remove());

test('a package is paid once the store has taken it, and its bill names that', async () => {
  await storeSyntheticVideo(stage, [{ text: 'The deep sea glows.', ms: 900 }]);
  const film = join(stage.root, 'film.mp4');
  await writeFile(film, Buffer.alloc(1_000));
  const video = await stage.store(film, 'video_rendering/video.mp4');
  const made = { frames: 27, encoder: 'libx264', segmentsRendered: 1, segmentsReused: 0 };
  stage.context.results.video_rendering = { video, durationMs: 900, ...made };
  const { publish } = stage.context;
  const away = new StageError('infrastructure', 'the bucket cannot be reached');
  stage.context.publish = () => Promise.reject(away);
  await expect(prepare(stage.context)).rejects.toBe(away);
  expect(stage.charges).toEqual([]);
  stage.context.publish = publish;
  const { files } = (await prepare(stage.context)).result;
  const { 'bill.json': bill, ...packed } = files;
  const bytes = Object.values(packed).reduce((sum, file) => sum + file.bytes, 0);
  expect(stage.charges).toMatchObject([{ operation: 'upload_package', quantity: bytes / 1e9 }]);
  const written = JSON.parse(await readFile(await stage.context.fetch(bill), 'utf8'));
  expect(written.charges).toMatchObject([{ operation: 'upload_package' }]);
});
