import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { StageWorks } from '../../activities/index.ts';
import type { StageContext } from '../../activities/stage.ts';
import { ARTIFACT_NAMES, type ArtifactRef } from '../../domain/video.ts';
import { fakeProduct } from './fake-works.ts';

/** The films of a machine that is killed are cut in two segments, of which the first is kept at once. */
export const FIRST_SEGMENT = 'first';

/**
 * Works of fixed time that read and write real artifacts. Each file is the lines of all files that it was made from
 * and one of its own, `<what>@<machine>`, so that the last tells the whole story.
 */
export function machineWorks(machine: string, stageMs: number): StageWorks {
  const publish = async ({ workDir, publish }: StageContext, name: string, ...from: string[]) => {
    const path = join(workDir, name);
    await writeFile(path, linesOf(...from, `${name}@${machine}`));
    return publish(path, name);
  };
  const spend = ({ signal }: StageContext) => wait(stageMs, undefined, { signal });
  return {
    script_generation: async (context) => {
      await spend(context);
      return fakeProduct('script_generation');
    },
    audio_synthesis: async (context) => {
      await spend(context);
      const { result, ...product } = fakeProduct('audio_synthesis');
      return { ...product, result: { ...result, narration: await publish(context, 'narration') } };
    },
    media_collection: async (context) => {
      await spend(context);
      const picture = await publish(context, 'picture');
      const licence = { source: 'test', id: '1', author: '', licence: 'none', sha256: picture.sha256 };
      const scene = { kind: 'card', background: picture, overlay: picture, licence } as const;
      return { ...fakeProduct('media_collection'), result: { scenes: [scene] } };
    },
    video_rendering: async (context) => {
      const { audio_synthesis: audio, media_collection: media } = context.results;
      const scene = media?.scenes[0];
      if (!audio || scene?.kind !== 'card') throw new Error('the stages before have left nothing');
      const first = await segment(context, machine);
      await spend(context);
      const inputs = [await textOf(context, audio.narration), await textOf(context, scene.background), first];
      const video = await publish(context, 'film', ...inputs);
      const { result, ...product } = fakeProduct('video_rendering');
      return { ...product, result: { ...result, video } };
    },
    quality_validation: async (context) => {
      await textOf(context, context.results.video_rendering?.video);
      await spend(context);
      return fakeProduct('quality_validation');
    },
    upload_preparation: async (context) => {
      const film = await textOf(context, context.results.video_rendering?.video);
      await spend(context);
      const ref = await publish(context, 'video.mp4', film);
      const files = Object.fromEntries(ARTIFACT_NAMES.map((name) => [name, ref])) as Record<
        (typeof ARTIFACT_NAMES)[number],
        ArtifactRef
      >;
      return { ...fakeProduct('upload_preparation'), result: { files } };
    },
  };
}

/** The first segment of the film: as an earlier attempt has kept it, on whichever machine, else a new one. */
async function segment({ kept, workDir }: StageContext, machine: string): Promise<string> {
  const found = await kept.find(FIRST_SEGMENT);
  if (found !== null) return readFile(found, 'utf8');
  const path = join(workDir, FIRST_SEGMENT);
  await writeFile(path, linesOf(`${FIRST_SEGMENT}@${machine}`));
  return readFile(await kept.keep(path, FIRST_SEGMENT), 'utf8');
}

async function textOf({ fetch }: StageContext, ref: ArtifactRef | undefined): Promise<string> {
  if (!ref) throw new Error('the stage before has left nothing');
  return readFile(await fetch(ref), 'utf8');
}

function linesOf(...texts: string[]): string {
  return texts.map((text) => (text.endsWith('\n') ? text : `${text}\n`)).join('');
}
