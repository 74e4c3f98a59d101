import { StageError } from '../../domain/errors.ts';
import type { Lane } from '../../domain/lanes.ts';
import type { Config } from '../../infra/config.ts';
import { runChild } from '../child.ts';
import { type Encoder, NVIDIA_ENCODER, SOFTWARE_ENCODER } from './renderer.ts';

type Tools = Pick<Config['tools'], 'ffmpeg'>;

const PROBE_MS = 10_000;

const hardwareWorks = new Map<string, Promise<boolean>>();
const captionsWork = new Map<string, Promise<boolean>>();

/**
 * The encoder of a lane: NVENC on the gpu lane when it encodes a frame here and now, else libx264. A listing
 * proves nothing, since builds list encoders whose hardware is absent. Asked once per process.
 */
export async function chooseEncoder(tools: Tools, lane: Lane): Promise<Encoder> {
  if (lane !== 'gpu') return SOFTWARE_ENCODER;
  const works = await once(hardwareWorks, tools.ffmpeg, () => encodesOneFrame(tools.ffmpeg, NVIDIA_ENCODER));
  return works ? NVIDIA_ENCODER : SOFTWARE_ENCODER;
}

/** Throws a StageError `infrastructure` when this ffmpeg is missing or cannot burn in captions. */
export async function requireCaptionFilter(tools: Tools): Promise<void> {
  if (await once(captionsWork, tools.ffmpeg, () => hasCaptionFilter(tools.ffmpeg))) return;
  captionsWork.delete(tools.ffmpeg);
  throw new StageError(
    'infrastructure',
    `${tools.ffmpeg} is built without libass, so it cannot draw captions: install a full ffmpeg or set FFMPEG_PATH`,
  );
}

async function hasCaptionFilter(ffmpeg: string): Promise<boolean> {
  const { stdout } = await runChild(ffmpeg, ['-hide_banner', '-h', 'filter=subtitles'], {
    signal: AbortSignal.timeout(PROBE_MS),
  });
  return stdout.includes('Filter subtitles');
}

async function encodesOneFrame(ffmpeg: string, encoder: Encoder): Promise<boolean> {
  const frame = ['-f', 'lavfi', '-i', 'color=black:size=256x256:rate=30', '-frames:v', '1'];
  const args = ['-hide_banner', '-v', 'error', ...frame, ...encoder.args, '-f', 'null', '-'];
  try {
    await runChild(ffmpeg, args, { signal: AbortSignal.timeout(PROBE_MS) });
    return true;
  } catch {
    // Any failure means the same: this machine encodes in software.
    return false;
  }
}

function once(
  answers: Map<string, Promise<boolean>>,
  key: string,
  ask: () => Promise<boolean>,
): Promise<boolean> {
  const known = answers.get(key);
  if (known !== undefined) return known;
  const asked = ask();
  answers.set(key, asked);
  // A probe that could not run is asked again by the next stage.
  asked.catch(() => answers.delete(key));
  return asked;
}
