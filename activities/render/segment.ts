import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { StageError } from '../../domain/errors.ts';
import { runChild } from '../child.ts';
import type { Encoder } from '../providers/renderer.ts';
import type { StageContext } from '../stage.ts';
import { framesIn, PROGRESS_ARGS } from './progress-lines.ts';
import { sceneGraph } from './scene-graph.ts';
import type { ScenePart } from './scene-parts.ts';
import { type Frame, outputArgs, uploadFilters } from './segment-args.ts';
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
 * Throws a StageError `process_failed` when ffmpeg fails or gives another number of frames than the scene has.
 */
export async function segment(
  context: StageContext,
  job: RenderJob,
  part: ScenePart,
  next: ScenePart | undefined,
  onFrames: (frames: number) => void,
): Promise<Segment> {
  const { span } = part;
  const { sources, filters } = await sceneGraph(context, job.frame, part, next);
  const graph = [...filters, ...uploadFilters(job.encoder)].join(';');
  const args = ['-filter_complex', graph, ...outputArgs(span, job.encoder)];
  const parts = [...sources.map(({ options, sha256 }) => [sha256, ...options]), job.captionsHash, ...args];
  const name = `${createHash('sha256').update(JSON.stringify(parts)).digest('hex')}.mp4`;
  const kept = await context.kept.find(name);
  if (kept) return { span, path: kept, reused: true };
  const file = join(context.workDir, `${name}.part`);
  const threads = String(job.threads);
  const inputs = sources.flatMap(({ options, path, frugal }) => [
    ...['-threads', frugal ? '1' : threads],
    ...[...options, '-i', path],
  ]);
  const frames = await encode(
    context,
    job,
    [
      ...(job.encoder.device ?? []),
      ...inputs,
      ...args,
      '-filter_complex_threads',
      threads,
      '-threads',
      threads,
      file,
    ],
    onFrames,
  );
  if (frames !== span.frames)
    throw new StageError(
      'process_failed',
      `scene ${span.scene + 1} got ${frames} frames, not ${span.frames}`,
    );
  return { span, path: await context.kept.keep(file, name), reused: false };
}

/** Runs ffmpeg and returns how many frames it wrote. */
async function encode(
  context: StageContext,
  job: RenderJob,
  args: string[],
  onFrames: (frames: number) => void,
): Promise<number> {
  let written = 0;
  const onLine = (line: string) => {
    const frames = framesIn(line);
    if (frames === null) return;
    written = frames;
    onFrames(frames);
  };
  const quiet = ['-hide_banner', '-v', 'error', '-nostdin', '-y', ...PROGRESS_ARGS];
  const { signal, workDir: cwd } = context;
  await runChild(job.ffmpeg, [...quiet, ...args], { signal, cwd, onLine, env: { ...job.encoder.env } });
  return written;
}
