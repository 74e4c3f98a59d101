import { basename } from 'node:path';
import type { SceneMedia } from '../domain/results.ts';
import type { Deps } from '../infra/deps.ts';
import type { FootageProvider, SceneFootage } from './providers/footage.ts';
import { createCardFootage } from './providers/footage-cards.ts';
import { createPexelsFootage } from './providers/footage-pexels.ts';
import type { FootagePort } from './providers/gated-ports.ts';
import { need, type StageContext, type StageWork } from './stage.ts';

/** Share of the stage after which all pictures are made and only their copying is left. */
const DRAWN = 0.9;

/** The stage that gives every scene its pictures. */
export function createMediaCollection(footage: FootagePort): StageWork<'media_collection'> {
  return async (context) => {
    const script = need(context, 'script_generation');
    const total = script.scenes.length;
    const request = {
      videoId: context.videoId,
      workDir: context.workDir,
      signal: context.signal,
      onScene: (done: number) => context.progress((DRAWN * done) / total, `scene ${done} of ${total}`),
      warn: context.warn,
      pay: context.pay,
    };
    const { scenes, usage, by } = await footage.collect(script, context.order, request, context);
    const media: SceneMedia[] = [];
    for (const scene of scenes) media.push(await publishScene(context, scene));
    return { result: { scenes: media }, usage, providers: { footage: by ?? footage.name } };
  };
}

/** Pexels where it is set up; else motion cards, which need no key and no network. */
export function chooseFootage({
  config,
  secrets,
  pool,
  artifacts,
}: Pick<Deps, 'config' | 'secrets' | 'pool' | 'artifacts'>): FootageProvider {
  const { footage } = config.providers;
  if (!footage) return createCardFootage();
  const shelf = { pool, artifacts, config, tools: config.tools, hosts: footage.hosts };
  return createPexelsFootage({ baseUrl: footage.baseUrl, key: secrets.pexels }, shelf);
}

async function publishScene(context: StageContext, scene: SceneFootage): Promise<SceneMedia> {
  context.signal.throwIfAborted();
  const overlay = await context.publish(scene.overlay, basename(scene.overlay));
  if (scene.kind === 'footage') return { ...scene, overlay };
  const background = await context.publish(scene.background, basename(scene.background));
  return { kind: 'card', background, overlay, licence: { ...scene.licence, sha256: background.sha256 } };
}
