import { createCanvas } from '@napi-rs/canvas';
import type { ScriptResult } from '../domain/results.ts';
import { OVERSCAN, paintBackground } from './cards/background.ts';
import { paintOverlay } from './cards/overlay.ts';

const FRAME = { width: 1280, height: 720 };
/** About 100 kB; the upload takes at most 2 MB. */
const JPEG_QUALITY = 88;

/** The picture by which a video is found: its title as large as fits, 1280x720 JPEG, whatever the video's aspect. */
export function drawThumbnail(script: ScriptResult): Promise<Buffer> {
  const topic = script.title;
  const canvas = createCanvas(FRAME.width, FRAME.height);
  const ctx = canvas.getContext('2d');
  const margin = (OVERSCAN - 1) / 2;
  const background = paintBackground({ topic, scene: 0, frame: FRAME });
  ctx.drawImage(background, -FRAME.width * margin, -FRAME.height * margin);
  const card = { kind: 'title', kicker: script.scenes[0]?.card.kicker ?? '', title: script.title } as const;
  ctx.drawImage(
    paintOverlay({ card, topic, language: script.language, frame: FRAME }),
    0,
    FRAME.height * 0.06,
  );
  return canvas.encode('jpeg', JPEG_QUALITY);
}
