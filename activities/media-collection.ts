import { basename } from 'node:path';
import type { SceneMedia } from '../domain/results.ts';
import type { Config } from '../infra/config.ts';
import type { FootageProvider, SceneFootage } from './providers/footage.ts';
import { createCardFootage } from './providers/footage-cards.ts';
import { need, type StageContext, type StageWork } from './stage.ts';

/** Share of the stage after which all pictures are made and only their copying is left. */
const DRAWN = 0.9;

/** The stage that gives every scene its pictures. */
export function createMediaCollection(footage: FootageProvider): StageWork<'media_collection'> {
  return async (context) => {
    const script = need(context, 'script_generation');
    const total = script.scenes.length;
    const { scenes, usage } = await footage.collect(script, context.order, {
      workDir: context.workDir,
      signal: context.signal,
      onScene: (done) => context.progress((DRAWN * done) / total, `scene ${done} of ${total}`),
    });
    const media: SceneMedia[] = [];
    for (const scene of scenes) media.push(await publishScene(context, scene));
    return { result: { scenes: media }, usage, providers: { footage: footage.name } };
  };
}

/** The footage of a machine without keys: motion cards. */
export function chooseFootage(_config: Config): FootageProvider {
  return createCardFootage();
}

async function publishScene(context: StageContext, scene: SceneFootage): Promise<SceneMedia> {
  context.signal.throwIfAborted();
  const background = await context.publish(scene.background, basename(scene.background));
  const overlay = await context.publish(scene.overlay, basename(scene.overlay));
  return { kind: 'card', background, overlay, licence: { ...scene.licence, sha256: background.sha256 } };
}
