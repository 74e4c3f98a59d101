import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StageContext, StageProduct } from '../../activities/stage.ts';
import { ARTIFACT_NAMES, type ArtifactName } from '../../domain/video.ts';
import { fakeProduct } from './fake-works.ts';
import { drawn, ffmpeg } from './synthetic-video.ts';

const SECONDS = 4;
const VTT = `WEBVTT

00:00.000 --> 00:02.000
The deep sea is dark.

00:02.000 --> 00:04.000
And yet it glows.
`;
const LICENCES = {
  media: [{ scene: 1, source: 'cards', author: 'YTEMPIRE', licence: 'own' }],
  fonts: [{ family: 'Inter', licence: 'SIL Open Font License 1.1' }],
  voice: { name: 'flite', licence: 'BSD-like (CMU Flite)' },
  music: null,
};

/** A real film of four seconds with sound, and the files beside it. */
export interface ShortFilm {
  /** Work of upload_preparation that publishes them. */
  publish(context: StageContext): Promise<StageProduct<'upload_preparation'>>;
  remove(): Promise<void>;
}

export async function makeShortFilm(): Promise<ShortFilm> {
  const folder = await mkdtemp(join(tmpdir(), 'ytempire-film-'));
  const [film, still] = [join(folder, 'video.mp4'), join(folder, 'thumbnail.jpg')];
  const sine = ['-f', 'lavfi', '-i', `sine=frequency=440:duration=${SECONDS}`];
  const sound = ['-c:a', 'aac', '-shortest', '-movflags', '+faststart'];
  await ffmpeg(sine, [...drawn(`testsrc2=size=640x360:rate=25:duration=${SECONDS}`, sound), film]);
  await ffmpeg(['-i', film], ['-frames:v', '1', still]);
  const texts: Partial<Record<ArtifactName, string>> = {
    'captions.vtt': VTT,
    'captions.srt': VTT.replace('WEBVTT\n\n', ''),
    'licences.json': JSON.stringify(LICENCES),
    'metadata.json': '{}',
    'bill.json': '{}',
  };
  for (const [name, text] of Object.entries(texts)) await writeFile(join(folder, name), text);
  return {
    async publish(context) {
      const files = await Promise.all(
        ARTIFACT_NAMES.map(async (name) => {
          const draft = join(context.workDir, name);
          await copyFile(join(folder, name), draft);
          return [name, await context.publish(draft, name)];
        }),
      );
      const product = fakeProduct('upload_preparation');
      return { ...product, result: { files: Object.fromEntries(files) } };
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
