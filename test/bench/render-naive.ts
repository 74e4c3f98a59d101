import { symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { assFile } from '../../activities/captions/ass.ts';
import { cuesOf } from '../../activities/captions/cues.ts';
import { LINE_CHARS } from '../../activities/captions/lines.ts';
import { runChild } from '../../activities/child.ts';
import { type Encoder, SOFTWARE_ENCODER } from '../../activities/providers/renderer.ts';
import { need } from '../../activities/stage.ts';
import { FRAME_RATE, FRAME_SIZE } from '../../domain/video.ts';
import { FONT_FAMILY, fontsDir } from '../../infra/text/fonts.ts';
import type { TestStage } from '../support/stage-context.ts';

const NEVER = new AbortController().signal;

/**
 * The route of many scripts, at the same encoder settings: each clip is encoded to the frame's size, the
 * clips are encoded into one file, and that is encoded once more with its captions. No fades, no words on it. Returns
 * the video's path.
 */
export async function renderNaively(
  stage: TestStage,
  ffmpeg: string,
  { args }: Encoder = SOFTWARE_ENCODER,
): Promise<string> {
  const { context } = await stage.again();
  context.results = stage.context.results;
  const run = (options: string[]) =>
    runChild(ffmpeg, ['-hide_banner', '-v', 'error', '-y', ...options], {
      signal: NEVER,
      cwd: context.workDir,
    });
  const audio = need(context, 'audio_synthesis');
  const { width, height } = FRAME_SIZE['16:9'];
  const fit = `scale=${width}:${height}:force_original_aspect_ratio=increase,crop=${width}:${height},fps=${FRAME_RATE},setsar=1`;
  const starts = [...audio.sceneStartsMs, audio.durationMs];
  let list = 'ffconcat version 1.0\n';
  for (const [i, scene] of need(context, 'media_collection').scenes.entries()) {
    const clip = scene.kind === 'footage' ? scene.clips[0] : undefined;
    if (!clip) throw new Error('this bench shows footage in every scene');
    const seconds = ((starts[i + 1] ?? 0) - (starts[i] ?? 0)) / 1000;
    const input = ['-t', String(seconds), '-i', await context.fetch(clip.file)];
    await run([...input, '-vf', fit, '-an', ...args, `part-${i}.mp4`]);
    list += `file part-${i}.mp4\n`;
  }
  await writeFile(join(context.workDir, 'parts.ffconcat'), list);
  const sound = ['-i', await context.fetch(audio.narration), '-c:a', 'aac', '-b:a', '192k', '-ac', '2'];
  await run(['-f', 'concat', '-i', 'parts.ffconcat', ...sound, ...args, 'joined.mp4']);
  const cues = cuesOf(audio.sentences, audio.durationMs, LINE_CHARS['16:9']);
  await writeFile(
    join(context.workDir, 'captions.ass'),
    assFile(cues, { font: FONT_FAMILY, width, height, captions: 'bold' }),
  );
  await symlink(await fontsDir(), join(context.workDir, 'fonts'));
  const burn = ['-vf', 'subtitles=filename=captions.ass:fontsdir=fonts', ...args];
  await run(['-i', 'joined.mp4', ...burn, '-c:a', 'copy', 'final.mp4']);
  return join(context.workDir, 'final.mp4');
}
