import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { loadImage } from '@napi-rs/canvas';
import type { SceneMedia } from '../../domain/results.ts';
import { FRAME_RATE } from '../../domain/video.ts';
import { runChild } from '../child.ts';
import type { Encoder } from '../providers/renderer.ts';
import type { StageContext } from '../stage.ts';
import { framesIn, PROGRESS_ARGS } from './progress-lines.ts';
import { type Frame, segmentArgs } from './segment-args.ts';
import type { SceneSpan } from './timeline.ts';

/** What all segments of one video share. */
export interface RenderJob {
  ffmpeg: string;
  threads: number;
  frame: Frame;
  encoder: Encoder;
  /** Hash of everything that draws captions: their text, times, looks and fonts. */
  captionsHash: string;
}

export interface Segment {
  span: SceneSpan;
  path: string;
  reused: boolean;
}

/**
 * The encoded scene: one that an earlier attempt has kept, else a new one. Its name is the hash of all that
 * its pixels depend on, so that a changed picture, caption, size or encoder never meets an old segment.
 */
export async function segment(
  context: StageContext,
  job: RenderJob,
  span: SceneSpan,
  media: SceneMedia,
  onFrames: (frames: number) => void,
): Promise<Segment> {
  if (media.kind === 'footage') throw new Error('scenes of clips cannot be drawn yet');
  const background = await context.fetch(media.background);
  const overlay = await context.fetch(media.overlay);
  const { width, height } = await loadImage(background);
  const args = segmentArgs(span, job.frame, { width, height }, job.encoder);
  const parts = [media.background.sha256, media.overlay.sha256, job.captionsHash, ...args];
  const name = `${createHash('sha256').update(JSON.stringify(parts)).digest('hex')}.mp4`;
  const kept = await context.kept.find(name);
  if (kept) return { span, path: kept, reused: true };
  const part = join(context.workDir, `${name}.part`);
  await runChild(
    job.ffmpeg,
    [
      ...['-hide_banner', '-v', 'error', '-y', ...PROGRESS_ARGS, '-filter_threads', String(job.threads)],
      ...stillInput(background),
      ...stillInput(overlay),
      ...args,
      ...['-threads', String(job.threads), part],
    ],
    {
      signal: context.signal,
      cwd: context.workDir,
      onLine: (line) => {
        const frames = framesIn(line);
        if (frames !== null) onFrames(frames);
      },
    },
  );
  return { span, path: await context.kept.keep(part, name), reused: false };
}

/** A file name is taken as it is, even with a per cent sign, which would name a series of pictures. */
function stillInput(path: string): string[] {
  return ['-f', 'image2', '-pattern_type', 'none', '-framerate', String(FRAME_RATE), '-i', path];
}
