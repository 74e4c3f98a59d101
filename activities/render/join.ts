import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FRAME_RATE } from '../../domain/video.ts';
import { runChild } from '../child.ts';
import { TIMESCALE } from '../providers/renderer.ts';
import type { StageContext } from '../stage.ts';
import type { Segment } from './segment.ts';

const LIST = 'segments.ffconcat';

/**
 * Joins segments by copying their packets and adds the narration as AAC; the index comes first, so that players
 * start before the file has arrived. Returns the video's path in the work folder.
 */
export async function joinSegments(
  context: StageContext,
  ffmpeg: string,
  segments: readonly Segment[],
  narration: string,
): Promise<string> {
  await writeFile(join(context.workDir, LIST), listOf(segments));
  const video = join(context.workDir, 'video.mp4');
  await runChild(
    ffmpeg,
    [
      ...['-hide_banner', '-v', 'error', '-nostdin', '-y'],
      ...['-protocol_whitelist', 'file,pipe', '-f', 'concat', '-safe', '0', '-i', LIST, '-i', narration],
      ...['-map', '0:v:0', '-map', '1:a:0', '-c:v', 'copy'],
      ...['-c:a', 'aac', '-b:a', '192k', '-ar', '48000', '-ac', '2'],
      ...['-video_track_timescale', TIMESCALE, '-map_metadata', '-1', '-movflags', '+faststart', video],
    ],
    { signal: context.signal, cwd: context.workDir },
  );
  return video;
}

/**
 * The exact length of each segment is written down: an MP4 states its own in whole milliseconds, which would
 * leave a gap at every border.
 */
function listOf(segments: readonly Segment[]): string {
  const microsAt = (frame: number) => Math.round((frame * 1e6) / FRAME_RATE);
  const entries = segments.map(({ path, span: { firstFrame, frames } }) => {
    const micros = microsAt(firstFrame + frames) - microsAt(firstFrame);
    return `file '${path.replaceAll("'", "'\\''")}'\nduration ${(micros / 1e6).toFixed(6)}\n`;
  });
  return `ffconcat version 1.0\n${entries.join('')}`;
}
