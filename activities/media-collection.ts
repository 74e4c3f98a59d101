import { basename } from 'node:path';
import type { SceneMedia, Usage } from '../domain/results.ts';
import type { Deps } from '../infra/deps.ts';
import type { OwnMedia } from './footage/own.ts';
import type { FootageProvider, SceneFootage } from './providers/footage.ts';
import { createCardFootage } from './providers/footage-cards.ts';
import { createPexelsFootage } from './providers/footage-pexels.ts';
import type { FootagePort } from './providers/gated-ports.ts';
import { need, type StageContext, type StageWork } from './stage.ts';

/** Share of the stage after which all pictures are made and only their copying is left. */
const DRAWN = 0.9;

/** For an order that brings pictures for every scene. */
const NOTHING_ELSE = { scenes: [] as SceneFootage[], usage: [] as Usage[], by: 'own media' };

/** The stage that gives every scene its pictures: first what the order brings itself. */
export function createMediaCollection(
  footage: FootagePort,
  own: OwnMedia = async () => new Map(),
): StageWork<'media_collection'> {
  return async (context) => {
    const script = need(context, 'script_generation');
    const total = script.scenes.length;
    const given = await own(script, context);
    const request = {
      given,
      videoId: context.videoId,
      workDir: context.workDir,
      signal: context.signal,
      onScene: (done: number) => context.progress((DRAWN * done) / total, `scene ${done} of ${total}`),
      warn: context.warn,
      pay: context.pay,
    };
    const covered = given.size === total;
    const { scenes, usage, by } = covered
      ? NOTHING_ELSE
      : await footage.collect(script, context.order, request, context);
    const others = scenes.values();
    const media: SceneMedia[] = [];
    for (const index of script.scenes.keys()) {
      const scene = given.get(index) ?? others.next().value;
      if (!scene) throw new Error(`${footage.name} has no pictures for scene ${index + 1}`);
      media.push(await publishScene(context, scene));
    }
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
