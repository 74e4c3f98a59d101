import { createHash } from 'node:crypto';
import { readdir, statfs, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type ErrorKind, StageError } from '../domain/errors.ts';
import type { AudioResult, RenderResult } from '../domain/results.ts';
import { DEFAULT_CAPTIONS, FRAME_SIZE } from '../domain/video.ts';
import type { Config } from '../infra/settings/config.ts';
import { FONT_FAMILY, fontsDir } from '../infra/text/fonts.ts';
import { assFile } from './captions/ass.ts';
import { cuesOf } from './captions/cues.ts';
import { LINE_CHARS } from './captions/lines.ts';
import { type Encoder, SOFTWARE_ENCODER } from './providers/renderer.ts';
import { requireCaptionFilter } from './providers/renderer-ffmpeg.ts';
import { joinSegments } from './render/join.ts';
import { partsOf } from './render/scene-parts.ts';
import { type RenderJob, type Segment, segment } from './render/segment.ts';
import { CAPTIONS_FILE, FONTS_LINK } from './render/segment-args.ts';
import { leftOut } from './render/shown-media.ts';
import { MIN_SHOWN_S } from './render/stretches.ts';
import { framesOf } from './render/timeline.ts';
import { need, type StageContext, type StageWork } from './stage.ts';

type Tools = Config['tools'];

/** Share of the work that encoding is; joining is the rest. */
const ENCODING = 0.97;

/**
 * Draws and encodes the video: one segment per scene, kept as soon as it is finished, then joined without
 * encoding again. `threads` bounds each ffmpeg; below `minFreeBytes` of free disk it does not start.
 * Encodes with `fixed` where it is given, else with the worker's card, else in software.
 */
export function createVideoRendering(
  tools: Tools,
  threads: number,
  minFreeBytes: number,
  fixed?: Encoder,
): StageWork<'video_rendering'> {
  return async (context) => {
    await requireDisk(context.workDir, minFreeBytes);
    await requireCaptionFilter(tools);
    const encoder = fixed ?? context.card?.encoder ?? SOFTWARE_ENCODER;
    const captionsHash = await writeCaptions(context);
    const job = { ffmpeg: tools.ffmpeg, threads, frame: FRAME_SIZE[context.order.aspect], captionsHash };
    const result = await renderWithFallback(context, { ...job, encoder });
    warnOfLeftOut(context);
    return { result, usage: [], providers: { renderer: `ffmpeg ${result.encoder}` } };
  };
}

/** After these the card is looked at. */
const HARDWARE_FAULTS = new Set<ErrorKind>(['process_failed', 'timeout']);

async function renderWithFallback(context: StageContext, job: RenderJob): Promise<RenderResult> {
  try {
    return await render(context, job);
  } catch (error) {
    if (!job.encoder.hardware || !(error instanceof StageError) || !HARDWARE_FAULTS.has(error.kind))
      throw error;
    await requireCard(context);
    context.warn('encoder_fallback', `${job.encoder.name} failed, encoded in software: ${error.message}`);
    return render(context, { ...job, encoder: SOFTWARE_ENCODER });
  }
}

/** Encoding in software mends what the card cannot encode. Without the card it would take the lane's cores from the cpu lane. */
async function requireCard({ card }: StageContext): Promise<void> {
  const trouble = await card?.check();
  if (trouble) throw new StageError('gpu_lost', `the graphics card does not encode any more: ${trouble}`);
}

async function render(context: StageContext, job: RenderJob): Promise<RenderResult> {
  const audio = need(context, 'audio_synthesis');
  const segments = await renderSegments(context, job, audio);
  context.progress(ENCODING, 'joining the scenes');
  const video = await joinSegments(context, job.ffmpeg, segments, await context.fetch(audio.narration));
  const reused = segments.filter((each) => each.reused).length;
  return {
    video: await context.publish(video, 'video.mp4'),
    durationMs: audio.durationMs,
    frames: framesOf(audio.durationMs),
    encoder: job.encoder.name,
    segmentsRendered: segments.length - reused,
    segmentsReused: reused,
  };
}

/** One after the other: each uses all threads, and one that is finished is safe. */
async function renderSegments(context: StageContext, job: RenderJob, audio: AudioResult): Promise<Segment[]> {
  const total = framesOf(audio.durationMs);
  const parts = partsOf(need(context, 'media_collection'), audio);
  const segments: Segment[] = [];
  for (const [i, part] of parts.entries()) {
    const { span } = part;
    const note = `scene ${span.scene + 1} of ${audio.sceneStartsMs.length}`;
    const onFrames = (frames: number) =>
      context.progress((ENCODING * (span.firstFrame + Math.min(frames, span.frames))) / total, note);
    onFrames(0);
    segments.push(await segment(context, job, part, parts[i + 1], onFrames));
  }
  return segments;
}

/** What the order brings and the video has no room for; footage that was found is not missed. */
function warnOfLeftOut(context: StageContext): void {
  const media = need(context, 'media_collection');
  const ids = leftOut(context.order.media ?? [], media, need(context, 'audio_synthesis'));
  if (ids.length === 0) return;
  const room = `each clip or image needs ${MIN_SHOWN_S} s of its scene`;
  context.warn(
    'media_left_out',
    `the video is too short for all media (${room}), left out: ${ids.join(', ')}`,
  );
}

/** Writes the caption file and a link to the fonts into the work folder; returns the hash of both. */
async function writeCaptions(context: StageContext): Promise<string> {
  const audio = need(context, 'audio_synthesis');
  const { aspect, captions = DEFAULT_CAPTIONS } = context.order;
  const cues = cuesOf(audio.sentences, audio.durationMs, LINE_CHARS[aspect]);
  const file = assFile(cues, { font: FONT_FAMILY, captions, ...FRAME_SIZE[aspect] });
  await writeFile(join(context.workDir, CAPTIONS_FILE), file);
  const fonts = await fontsDir();
  await symlink(fonts, join(context.workDir, FONTS_LINK));
  const names = (await readdir(fonts)).toSorted();
  return createHash('sha256')
    .update(JSON.stringify([file, names]))
    .digest('hex');
}

async function requireDisk(folder: string, minFreeBytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  const free = bavail * bsize;
  if (free >= minFreeBytes) return;
  const megabytes = (bytes: number) => `${Math.floor(bytes / 1024 ** 2)} MB`;
  throw new StageError(
    'infrastructure',
    `only ${megabytes(free)} of disk are free where videos are rendered, ${megabytes(minFreeBytes)} are needed`,
  );
}
