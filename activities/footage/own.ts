import { join } from 'node:path';
import { StageError } from '../../domain/errors.ts';
import type { Clip, Licence, ScriptResult } from '../../domain/results.ts';
import { FRAME_SIZE } from '../../domain/video.ts';
import type { Deps } from '../../infra/deps.ts';
import { type MediaFile, useMedia } from '../../infra/media/rows.ts';
import { drawWords } from '../cards/footage-words.ts';
import type { SceneClips } from '../providers/footage.ts';
import type { StageContext } from '../stage.ts';
import { inspectClip } from './inspect.ts';
import { ClipRefused } from './refused.ts';
import { shareOut } from './share-out.ts';
import { makeStill } from './still.ts';

/** The scenes, by index, that show what the order brings itself. */
export type OwnMedia = (script: ScriptResult, context: StageContext) => Promise<Map<number, SceneClips>>;

/**
 * Clips and images that the order names, in the order of the scenes. One that is gone or cannot be read is left out
 * with a warning; a scene that has no other gets its pictures from elsewhere.
 */
export function createOwnMedia({ pool, config }: Pick<Deps, 'pool' | 'config'>): OwnMedia {
  return async (script, context) => {
    const { media: ids = [] } = context.order;
    const files = ids.length === 0 ? [] : await useMedia(pool, ids);
    for (const id of ids.filter((each) => !files.some((file) => file.id === each))) {
      context.warn('media_missing', `media ${id} is not there any more`);
    }
    const scenes = new Map<number, SceneClips>();
    for (const [index, shares] of shareOut(files.length, script.scenes.length).entries()) {
      const mine = files.filter((_, i) => shares.includes(i));
      const clips = await usable(config.tools, mine, context);
      const scene = script.scenes[index];
      if (!scene || clips.length === 0) continue;
      scenes.set(index, { kind: 'footage', clips, overlay: await drawWords(script, scene, index, context) });
    }
    return scenes;
  };
}

type Tools = Parameters<typeof inspectClip>[0];

/** One after the other: large images take memory. */
async function usable(tools: Tools, files: readonly MediaFile[], context: StageContext): Promise<Clip[]> {
  const clips: Clip[] = [];
  for (const media of files) {
    context.signal.throwIfAborted();
    try {
      clips.push(await asClip(tools, media, context));
    } catch (error) {
      context.signal.throwIfAborted();
      if (!isFaultOfFile(error)) throw error;
      context.warn('media_refused', `media ${media.id} was left out: ${error.message}`);
    }
  }
  return clips;
}

function isFaultOfFile(error: unknown): error is Error {
  return error instanceof ClipRefused || (error instanceof StageError && error.kind === 'process_failed');
}

async function asClip(tools: Tools, media: MediaFile, context: StageContext): Promise<Clip> {
  const path = await context.fetch(media.file);
  const licence = licenceOf(media, context);
  if (media.kind === 'clip') {
    return { file: media.file, ...(await inspectClip(tools, path, context.signal)), licence };
  }
  const name = `still-${media.id}.jpg`;
  const output = join(context.workDir, name);
  const frame = FRAME_SIZE[context.order.aspect];
  const facts = await makeStill(tools.ffmpeg, { path, media, frame, output }, context.signal);
  return { file: await context.publish(output, name), ...facts, licence };
}

function licenceOf({ id, file }: MediaFile, { order }: StageContext): Licence {
  return {
    source: 'own media',
    id,
    author: order.user_id,
    licence: 'sent with the order; its rights are the sender’s',
    sha256: file.sha256,
  };
}
