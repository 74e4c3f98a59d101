import { chmodSync, existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { cached, checkedOnce } from './cache.mjs';
import { fetchPackage } from './npm-package.mjs';
import { SetupError, say, step } from './report.mjs';
import { ask, run, which } from './run.mjs';

const FILTERS = ['subtitles', 'xfade', 'ebur128', 'overlay', 'blackdetect', 'silencedetect'];
const ENCODERS = ['libx264', 'aac'];
const PLATFORM = `${process.platform}-${process.arch}`;
const WHEEL = 'imageio-ffmpeg==0.8.1';

/** FFMPEG_PATH and FFPROBE_PATH of a build that can do all that a video needs. */
export async function findFfmpeg() {
  const [ffmpeg, ffprobe] = await Promise.all([findEncoder(), findProbe()]);
  return { FFMPEG_PATH: ffmpeg, FFPROBE_PATH: ffprobe };
}

async function findEncoder() {
  const given = process.env.FFMPEG_PATH;
  if (given) {
    const lacking = await lackingParts(given);
    if (lacking.length === 0) return given;
    throw new SetupError(
      `FFMPEG_PATH=${given} lacks ${lacking.join(', ')}: use a full build or leave it unset.`,
    );
  }
  const installed = which('ffmpeg');
  if (installed) {
    const lacking = await lackingParts(installed);
    if (lacking.length === 0) return installed;
    say(`  ffmpeg on PATH lacks ${lacking.join(', ')}: a full build is taken instead`);
  }
  return fetchEncoder();
}

/** Names of the filters and encoders that this build hasn't got (subtitles comes with libass). */
async function lackingParts(path) {
  if (!existsSync(path)) return ['everything: there is no such file'];
  return checkedOnce('ffmpeg', path, async () => {
    const [filters, encoders] = await Promise.all(
      ['-filters', '-encoders'].map((list) => ask(path, ['-hide_banner', list])),
    );
    const missing = (names, list) => names.filter((name) => !new RegExp(`^ \\S+ +${name} `, 'm').test(list));
    return [...missing(FILTERS, filters), ...missing(ENCODERS, encoders)];
  });
}

async function fetchEncoder() {
  const refusals = [];
  for (const source of [fromWheel, fromNpm]) {
    try {
      const path = await source();
      const lacking = await lackingParts(path);
      if (lacking.length === 0) return path;
      refusals.push(`${path} lacks ${lacking.join(', ')}`);
    } catch (error) {
      refusals.push(error.message);
    }
  }
  throw new SetupError(
    `No ffmpeg with libass and libx264: install one ("apt install ffmpeg", "brew install ffmpeg") or set FFMPEG_PATH (${refusals.join('; ')})`,
  );
}

async function fromWheel() {
  const folder = await cached('ffmpeg-wheel', (draft) => {
    const python = which('python3');
    if (!python) throw new Error('no Python here');
    return step(`ffmpeg (PyPI ${WHEEL})`, async () => {
      const pip = ['-m', 'pip', 'install', '--no-deps', '--only-binary=:all:', '-q'];
      await run(python, [...pip, '--target', draft, WHEEL]);
      return join(draft, 'imageio_ffmpeg', 'binaries');
    });
  });
  const name = readdirSync(folder).find((file) => file.startsWith('ffmpeg'));
  if (!name) throw new Error(`${WHEEL} holds no ffmpeg for ${PLATFORM}`);
  return runnable(join(folder, name));
}

async function fromNpm() {
  const name = `@ffmpeg-binary/${PLATFORM}`;
  const folder = await cached('ffmpeg-npm', (draft) =>
    step(`ffmpeg (npm ${name})`, () => fetchPackage(draft, name, '7.0.0')),
  );
  return runnable(join(folder, 'ffmpeg'));
}

async function findProbe() {
  const installed = process.env.FFPROBE_PATH || which('ffprobe');
  if (installed) return installed;
  const name = `@ffprobe-installer/${PLATFORM}`;
  try {
    const folder = await cached('ffprobe-npm', (draft) =>
      step(`ffprobe (npm ${name})`, async () => {
        const fetched = await fetchPackage(draft, name, '>=5.0.0');
        await run(runnable(join(fetched, 'ffprobe')), ['-version']);
        return fetched;
      }),
    );
    return join(folder, 'ffprobe');
  } catch (error) {
    throw new SetupError(`No ffprobe: install ffmpeg or set FFPROBE_PATH (${error.message})`);
  }
}

function runnable(path) {
  chmodSync(path, 0o755);
  return path;
}
