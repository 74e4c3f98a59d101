import type { SceneMedia } from '../domain/results.ts';
import type { FootageProvider, SceneFiles } from './providers/footage.ts';
import { need, type StageContext, type StageWork } from './stage.ts';

/** Collects the pictures of every scene, with the licence of each. */
export function createMediaCollection(footage: FootageProvider): StageWork<'media_collection'> {
  return async (context) => {
    const script = need(context, 'script_generation');
    const { workDir, signal } = context;
    const count = script.scenes.length;
    const onScene = (done: number) => context.progress(done / count, `scene ${done} of ${count}`);
    const { scenes, usage } = await footage.collect(script, context.order, { workDir, signal, onScene });
    const published: SceneMedia[] = [];
    for (const [index, files] of scenes.entries()) published.push(await publishScene(context, files, index));
    return { result: { scenes: published }, usage, providers: { footage: footage.name } };
  };
}

async function publishScene(context: StageContext, files: SceneFiles, index: number): Promise<SceneMedia> {
  const background = await context.publish(files.background, `${index}-background.jpg`);
  const overlay = await context.publish(files.overlay, `${index}-overlay.png`);
  return { background, overlay, licence: { ...files.licence, sha256: background.sha256 } };
}
