import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Scene, ScriptResult } from '../../domain/results.ts';
import { FRAME_SIZE, type Order } from '../../domain/video.ts';
import { drawFootageOverlay } from './footage-overlay.ts';

/** Draws a scene's words over clips into the work folder; returns the picture's path. */
export async function drawWords(
  { title: topic, language }: ScriptResult,
  { card }: Scene,
  index: number,
  { order, workDir }: { order: Order; workDir: string },
): Promise<string> {
  const path = join(workDir, `scene-${String(index + 1).padStart(2, '0')}-words.png`);
  const frame = FRAME_SIZE[order.aspect];
  await writeFile(path, await drawFootageOverlay({ card, topic, language, frame }));
  return path;
}
