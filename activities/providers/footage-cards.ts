import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Scene, ScriptResult } from '../../domain/results.ts';
import { FRAME_SIZE, type Order } from '../../domain/video.ts';
import { drawBackground } from '../cards/background.ts';
import { drawOverlay } from '../cards/overlay.ts';
import type { FootageContext, FootageProvider, SceneFiles } from './footage.ts';

/** Name of this provider in results and licences. */
export const MOTION_CARDS = 'motion-cards';

/** Draws every scene itself: no network, no licence to clear, no cost. The same script gives the same pictures. */
export function createMotionCards(): FootageProvider {
  return {
    name: MOTION_CARDS,
    async collect(script, order, context) {
      const scenes: SceneFiles[] = [];
      for (const [index, scene] of script.scenes.entries()) {
        context.signal.throwIfAborted();
        scenes.push(await drawScene(script, scene, index, order, context));
        context.onScene(scenes.length);
      }
      const usage = { service: 'media_api', operation: 'scene_pictures', provider: 'offline' } as const;
      return { scenes, usage: [{ ...usage, model: MOTION_CARDS, quantity: scenes.length, unit: 'scene' }] };
    },
  };
}

async function drawScene(
  script: ScriptResult,
  scene: Scene,
  index: number,
  order: Order,
  { workDir }: FootageContext,
): Promise<SceneFiles> {
  const frame = FRAME_SIZE[order.aspect];
  const files = { background: join(workDir, `${index}.jpg`), overlay: join(workDir, `${index}.png`) };
  const topic = script.title;
  await writeFile(files.background, await drawBackground({ topic, scene: index, frame }));
  await writeFile(
    files.overlay,
    await drawOverlay({ card: scene.card, topic, language: script.language, frame }),
  );
  return { ...files, licence: licenceOf(index) };
}

function licenceOf(index: number): SceneFiles['licence'] {
  return {
    source: 'YTEMPIRE motion cards',
    id: `scene-${index + 1}`,
    author: 'generated',
    licence: 'no third-party media; fonts under the SIL Open Font License 1.1',
  };
}
