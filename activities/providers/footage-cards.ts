import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Scene, ScriptResult } from '../../domain/results.ts';
import { FRAME_SIZE, type Order } from '../../domain/video.ts';
import { drawBackground } from '../cards/background.ts';
import { drawOverlay } from '../cards/overlay.ts';
import type { CardPictures, FootageContext, FootageProvider, SceneFootage } from './footage.ts';

const NAME = 'motion-cards';

/** Designed pictures, drawn on this machine: no network, no cost, nobody else's rights. */
export function createCardFootage(): FootageProvider {
  return {
    name: NAME,
    async collect(script, order, context) {
      const scenes: SceneFootage[] = [];
      for (const [index, scene] of script.scenes.entries()) {
        context.signal.throwIfAborted();
        if (context.given?.has(index)) continue;
        scenes.push(await drawCard(script, scene, index, order, context));
        context.onScene(index + 1);
      }
      const use = {
        service: 'media_api',
        operation: 'motion_cards',
        provider: 'offline',
        model: NAME,
      } as const;
      return { scenes, usage: [{ ...use, quantity: scenes.length, unit: 'scene' }] };
    },
  };
}

/**
 * Draws the card of one scene into the work folder. Encoding runs on libuv's threads, so that heartbeats go on
 * between the drawings.
 */
export async function drawCard(
  script: ScriptResult,
  scene: Scene,
  index: number,
  order: Order,
  { workDir }: Pick<FootageContext, 'workDir'>,
): Promise<CardPictures> {
  const frame = FRAME_SIZE[order.aspect];
  const topic = script.title;
  const number = String(index + 1).padStart(2, '0');
  const background = join(workDir, `scene-${number}-background.jpg`);
  const overlay = join(workDir, `scene-${number}-overlay.png`);
  await Promise.all([
    drawBackground({ topic, scene: index, frame }).then((jpeg) => writeFile(background, jpeg)),
    drawOverlay({ card: scene.card, topic, language: script.language, frame }).then((png) =>
      writeFile(overlay, png),
    ),
  ]);
  return { kind: 'card', background, overlay, licence: licenceOf(number) };
}

function licenceOf(number: string): CardPictures['licence'] {
  return {
    source: 'ytempire motion cards',
    id: `generated scene ${number}`,
    author: 'generated',
    licence: 'no third-party media; fonts under OFL-1.1',
  };
}
