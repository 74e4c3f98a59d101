import { runChild } from '../../activities/child.ts';

const NEVER = new AbortController().signal;
const FRAME_SSIM = /All:([\d.]+)/gu;

/** Mean structural similarity (SSIM, all planes) of a video and the frames that it was encoded from, frame by frame. */
export async function similarity(ffmpeg: string, video: string, frames: string): Promise<number> {
  // By number and on one clock: each file has its own, and a first frame that may not be at 0.
  const numbered = '[0:v]settb=1/30,setpts=N[a];[1:v]settb=1/30,setpts=N[b];[a][b]ssim=stats_file=-';
  const inputs = ['-i', video, '-i', frames];
  const quiet = ['-hide_banner', '-v', 'error', '-nostdin'];
  const { stdout } = await runChild(
    ffmpeg,
    [...quiet, ...inputs, '-lavfi', numbered, '-f', 'null', '/dev/null'],
    {
      signal: NEVER,
    },
  );
  const values = [...stdout.matchAll(FRAME_SSIM)].map(([, value]) => Number(value));
  if (values.length === 0) throw new Error('ffmpeg compared no frame');
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
