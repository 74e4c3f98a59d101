import { existsSync } from 'node:fs';
import { runChild } from '../../activities/child.ts';
import { NVIDIA_ENCODER } from '../../activities/providers/renderer.ts';
import { chooseEncoder } from '../../activities/providers/renderer-ffmpeg.ts';
import type { Config } from '../../infra/settings/config.ts';
import { fontsDir, registerFonts } from '../../infra/text/fonts.ts';
import { type Check, type Finding, fail, ok, warn } from './check.ts';

/** What our command lines use; `subtitles` comes with libass. */
const FILTERS = [
  ...['subtitles', 'overlay', 'loop', 'scale', 'crop', 'fade', 'fps', 'split', 'boxblur', 'lutyuv'],
  ...['setpts', 'settb', 'setsar', 'format', 'trim', 'tpad', 'blackdetect', 'freezedetect'],
  ...['ebur128', 'alimiter', 'aresample', 'volume', 'silencedetect'],
];
const ENCODERS = ['libx264', 'aac'];
const NVIDIA_DEVICE = '/dev/nvidiactl';

const FULL_BUILD = 'install a full ffmpeg (apt install ffmpeg, brew install ffmpeg) or unset';

/** The programs and fonts that a video is made with. */
export function toolChecks({ tools }: Config): Check[] {
  return [
    {
      name: 'ffmpeg',
      mend: `${FULL_BUILD} FFMPEG_PATH`,
      run: (signal) => checkFfmpeg(tools.ffmpeg, signal),
    },
    {
      name: 'ffprobe',
      mend: `${FULL_BUILD} FFPROBE_PATH`,
      run: async (signal) => ok(`${await versionOf(tools.ffprobe, signal)} (${tools.ffprobe})`),
    },
    { name: 'graphics card', mend: 'nothing needs mending', run: () => checkGraphics(tools) },
    { name: 'fonts', mend: 'run "npm ci"', run: checkFonts },
  ];
}

async function checkFfmpeg(ffmpeg: string, signal: AbortSignal): Promise<Finding> {
  const version = await versionOf(ffmpeg, signal);
  const list = async (what: string) => (await runChild(ffmpeg, ['-hide_banner', what], { signal })).stdout;
  const [filters, encoders] = await Promise.all([list('-filters'), list('-encoders')]);
  const lacking = [
    ...FILTERS.filter((name) => !has(filters, name)),
    ...ENCODERS.filter((name) => !has(encoders, name)),
  ];
  if (lacking.length > 0) {
    return fail(`${version} (${ffmpeg}) lacks ${lacking.join(', ')}`, `${FULL_BUILD} FFMPEG_PATH`);
  }
  return ok(`${version} with all ${FILTERS.length} filters, ${ENCODERS.join(' and ')} (${ffmpeg})`);
}

function has(listing: string, name: string): boolean {
  return new RegExp(`^ \\S+ +${name} `, 'm').test(listing);
}

async function versionOf(program: string, signal: AbortSignal): Promise<string> {
  const { stdout } = await runChild(program, ['-version'], { signal });
  return /version (\S+)/.exec(stdout)?.[1] ?? 'unknown version';
}

/** One frame is really encoded: builds list encoders whose hardware is absent. */
async function checkGraphics(tools: Config['tools']): Promise<Finding> {
  const { hardware, name } = await chooseEncoder(tools, 'gpu');
  if (hardware) return ok(`${name} encodes`);
  if (!existsSync(NVIDIA_DEVICE)) return ok('none; the processor encodes (libx264)');
  return warn(
    `there is one, but ${NVIDIA_ENCODER.name} encodes nothing; the processor does (libx264)`,
    'set FFMPEG_PATH to a build with NVENC, and update the driver',
  );
}

async function checkFonts(): Promise<Finding> {
  registerFonts();
  return ok(`the shipped families are there (${await fontsDir()})`);
}
