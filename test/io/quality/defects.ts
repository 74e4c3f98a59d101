import { existsSync } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { BT709, ffmpeg } from '../../support/synthetic-video.ts';

/** Length of the good video, and of every one made from it. */
export const SECONDS = 8;

const SIDE = 1080;
const SHAPE = `size=${SIDE}x${SIDE}:rate=30:duration=${SECONDS}`;
const PICTURE = `testsrc2=${SHAPE}`;
/** Speech-like enough for a meter: at -14 LUFS in stereo, 3 dB of it in the peaks. */
const TONE = `sine=frequency=440:sample_rate=48000:duration=${SECONDS}`;
const ENCODE = [
  '-c:v',
  'libx264',
  '-preset',
  'ultrafast',
  '-crf',
  '28',
  '-g',
  '60',
  '-pix_fmt',
  'yuv420p',
  ...BT709,
];
const SOUND = ['-c:a', 'aac', '-b:a', '192k', '-ar', '48000', '-ac', '2'];
/** What an encoder can do to write little. */
const SPARING = ['-crf', '51', '-g', '600', '-b:a', '16k'];
const FAST_START = ['-movflags', '+faststart'];

/** Makes videos with one defect each in a folder; what was made before is not made again. */
export function defectsIn(folder: string) {
  const path = (name: string) => join(folder, `${name}.mp4`);
  const whole = (name: string, video: string, audio = 'volume=7.5dB') =>
    make(
      path(name),
      ['-f', 'lavfi', '-i', PICTURE, '-f', 'lavfi', '-i', TONE],
      [...['-vf', video, '-af', audio, ...ENCODE, ...SOUND, ...FAST_START]],
    );
  const good = () => whole('good', 'null');
  const sound = async (name: string, filter: string, more: string[] = []) =>
    make(
      path(name),
      ['-i', path('good'), '-f', 'lavfi', '-i', TONE],
      [...['-map', '0:v', '-map', '1:a', '-af', filter, '-c:v', 'copy', ...SOUND, ...more, ...FAST_START]],
    );
  const copied = (name: string, args: string[]) =>
    make(path(name), ['-i', path('good')], ['-c', 'copy', ...args]);
  return {
    good,
    black: () => whole('black', "drawbox=color=black:t=fill:enable='between(t,3,5)'"),
    /** As dark as a night, but with light in it. */
    night: () => whole('night', "lutyuv=y='16+(val-16)/12'"),
    /** The picture stands still from the second second on, under a mark that runs where captions are. */
    frozenTail: () =>
      whole(
        'frozen',
        `trim=end=2,tpad=stop_mode=clone:stop_duration=${SECONDS - 2},drawbox=x=t*100:y=900:w=90:h=90:color=white:t=fill`,
      ),
    small: () => whole('small', 'scale=640:640'),
    silent: () => sound('silent', "volume=7.5dB,volume=0:enable='between(t,2,6)'"),
    quiet: () => sound('quiet', 'volume=-2dB'),
    loud: () => sound('loud', 'volume=12.4dB'),
    /** Loud for an instant only, which the integrated loudness hardly shows. */
    clipped: () => sound('clipped', "volume=7.5dB,volume=14dB:enable='between(t,4,4.02)'"),
    /** Its sound goes on as promised. */
    shortPicture: () => whole('short-picture', `trim=end=${SECONDS - 2}`),
    shortSound: () => sound('short', `volume=7.5dB,atrim=end=${SECONDS / 2}`),
    mono: () => sound('mono', 'volume=7.5dB', ['-ac', '1']),
    untagged: () =>
      copied('untagged', [
        ...['-bsf:v', 'h264_metadata=colour_primaries=2:transfer_characteristics=2:matrix_coefficients=2'],
        ...['-color_primaries', 'unknown', '-color_trc', 'unknown', '-colorspace', 'unknown', ...FAST_START],
      ]),
    indexLast: () => copied('index-last', []),
    truncated: async () => {
      const file = await copied('truncated', FAST_START);
      await cut(file, 0.6);
      return file;
    },
    /** One stretch of the stream is other bytes, in a file that is else as it was. */
    broken: async () => {
      const file = await copied('broken', FAST_START);
      await overwrite(file, 0.5, 20_000);
      return file;
    },
    /** A still picture, and a tone that rests for two of three seconds, take next to nothing. */
    thin: () =>
      make(
        path('thin'),
        ['-f', 'lavfi', '-i', `color=gray:${SHAPE}`, '-f', 'lavfi', '-i', TONE],
        [
          '-af',
          `volume=8.3dB,volume=0:enable='gt(mod(t,3),1)'`,
          ...ENCODE,
          ...SOUND,
          ...SPARING,
          ...FAST_START,
        ],
      ),
    unreadable: async () => {
      const file = await copied('unreadable', []);
      await cut(file, 0.6);
      return file;
    },
    /** The same file played again and again, as long as asked for. */
    long: (from: string, times: number) =>
      make(
        `${from}-long.mp4`,
        ['-stream_loop', String(times - 1), '-i', from],
        ['-c', 'copy', ...FAST_START],
      ),
  };
}

async function make(file: string, input: readonly string[], output: readonly string[]): Promise<string> {
  if (!existsSync(file)) await ffmpeg(input, [...output, file]);
  return file;
}

async function overwrite(file: string, share: number, bytes: number): Promise<void> {
  const { size } = await stat(file);
  const handle = await open(file, 'r+');
  await handle.write(Buffer.alloc(bytes, 0x55), 0, bytes, Math.floor(size * share));
  await handle.close();
}

async function cut(file: string, share: number): Promise<void> {
  const { size } = await stat(file);
  const handle = await open(file, 'r+');
  await handle.truncate(Math.floor(size * share));
  await handle.close();
}
