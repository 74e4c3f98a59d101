import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Image, loadImage } from '@napi-rs/canvas';
import { StageError } from '../../domain/errors.ts';
import type { Clip, MediaResult } from '../../domain/results.ts';
import { runChild } from '../child.ts';
import { CLIP_INPUT } from '../footage/inspect.ts';
import { clipFilters } from '../render/clip-filters.ts';
import type { Frame } from '../render/segment-args.ts';
import type { StageContext } from '../stage.ts';
import { sharpnessOf } from './sharpness.ts';

/** Each costs about 0.3 s. */
const MOST_FRAMES = 6;
/** A clip's best moment is rarely its start or its end. */
const AT = 0.4;
const TIMEOUT_MS = 10_000;
const MEMORY_BYTES = 2 * 1024 ** 3;
/** So much detail a picture needs to stand behind a title. */
const MIN_SHARPNESS = 8;

/**
 * The sharpest of some frames of the video's clips, taken from the clips themselves, so that it carries no captions;
 * null for a video of cards, and where no clip has a picture worth showing.
 */
export async function sharpestFrame(
  context: StageContext,
  ffmpeg: string,
  media: MediaResult,
  frame: Frame,
): Promise<Image | null> {
  let best: { picture: Image; sharpness: number } | null = null;
  for (const [index, clip] of candidatesIn(media).entries()) {
    const picture = await frameOf(context, ffmpeg, clip, join(context.workDir, `frame-${index}.png`), frame);
    if (!picture) continue;
    const sharpness = sharpnessOf(picture);
    if (sharpness >= (best?.sharpness ?? MIN_SHARPNESS)) best = { picture, sharpness };
  }
  return best?.picture ?? null;
}

/** The first clips of scenes all over the video. */
function candidatesIn({ scenes }: MediaResult): Clip[] {
  const firsts = scenes.flatMap((scene) => (scene.kind === 'footage' ? scene.clips.slice(0, 1) : []));
  const step = Math.max(1, firsts.length / MOST_FRAMES);
  const count = Math.min(MOST_FRAMES, firsts.length);
  return Array.from({ length: count }, (_, i) => firsts[Math.floor(i * step)]).filter(
    (clip) => clip !== undefined,
  );
}

/** As a film: a single picture has no length, and over a fill of another shape nothing would come of it. */
const STILL_INPUT = ['-f', 'image2', '-pattern_type', 'none', '-loop', '1'];

/** A clip that does not give its frame is no reason to fail a finished video. */
async function frameOf(
  { fetch, signal }: StageContext,
  ffmpeg: string,
  clip: Clip,
  output: string,
  frame: Frame,
): Promise<Image | null> {
  const input = clip.still ? STILL_INPUT : seeking(clip);
  const colours = 'scale=in_color_matrix=bt709:in_range=tv:out_range=pc,format=rgb24';
  const filters = `${clipFilters(clip, frame, 1, '[0:v:0]', '[shown]')};[shown]${colours}[out]`;
  const limited = AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]);
  const args = [...input, '-i', await fetch(clip.file), '-filter_complex', filters, '-map', '[out]'];
  try {
    await runChild(ffmpeg, ['-v', 'error', '-nostdin', '-y', ...args, '-frames:v', '1', output], {
      ...{ signal: limited, memoryBytes: MEMORY_BYTES },
    });
    // ffmpeg ends well without a frame where a file is shorter than it says.
    return existsSync(output) ? await loadImage(output) : null;
  } catch (error) {
    signal.throwIfAborted();
    if (limited.aborted || error instanceof StageError) return null;
    throw error;
  }
}

function seeking({ durationMs }: Clip): string[] {
  return [...CLIP_INPUT, '-an', '-ss', ((AT * durationMs) / 1000).toFixed(3)];
}
