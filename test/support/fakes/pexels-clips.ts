import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ffmpeg } from '../synthetic-video.ts';

/** Small real files, good and bad, as a footage site may deliver them. */
export type ClipKind =
  | 'landscape'
  | 'waves'
  | 'portrait'
  | 'fps60'
  | 'uhd'
  | 'oversized'
  | 'rotated'
  | 'variable-rate'
  | 'bt601'
  | 'short'
  | 'audio-only'
  | 'truncated'
  | 'truncated-front'
  | 'html'
  | 'empty'
  | 'playlist'
  | 'hls'
  | 'matroska'
  | 'growing';

const FAST = ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p'];
const TAGGED = ['-colorspace', 'bt709', '-color_primaries', 'bt709', '-color_trc', 'bt709'];

const test = (size: string, rate: number, seconds: number) => [
  ...['-f', 'lavfi', '-i', `testsrc2=s=${size}:r=${rate}:d=${seconds}`],
];
const waves = (size: string, seconds: number) => [
  ...['-f', 'lavfi', '-i', `gradients=s=${size}:r=30:d=${seconds}:c0=navy:c1=teal:speed=0.02`],
];

/** ffmpeg's input and output arguments of the kinds that are drawn. */
const DRAWN: Partial<Record<ClipKind, [string[], string[]]>> = {
  landscape: [test('960x540', 30, 4), [...FAST, ...TAGGED]],
  waves: [waves('960x540', 4), [...FAST, ...TAGGED]],
  portrait: [test('360x640', 25, 3), [...FAST, ...TAGGED]],
  fps60: [test('640x360', 60, 2), [...FAST, ...TAGGED]],
  uhd: [test('3840x2160', 10, 1), [...FAST, ...TAGGED]],
  oversized: [test('4608x256', 10, 1), FAST],
  'variable-rate': [
    test('640x360', 30, 3),
    ['-vf', 'select=lt(n\\,30)+not(mod(n\\,4))', '-vsync', 'vfr', ...FAST, ...TAGGED],
  ],
  bt601: [test('640x360', 30, 2), FAST],
  short: [test('640x360', 30, 0.5), FAST],
  'audio-only': [
    ['-f', 'lavfi', '-i', 'sine=d=2'],
    ['-c:a', 'aac'],
  ],
};

/** Cut off with the index in front, which still claims the whole length; without, the index is lost. */
const FASTSTART = ['-movflags', '+faststart'];

/** Makes each kind when it is first asked for. Call `remove` at the end. */
export async function clipShelf(): Promise<{
  clip(kind: ClipKind): Promise<Buffer>;
  remove(): Promise<void>;
}> {
  const folder = await mkdtemp(join(tmpdir(), 'ytempire-clips-'));
  const made = new Map<ClipKind, Promise<Buffer>>();
  const clip = (kind: ClipKind): Promise<Buffer> => {
    const known = made.get(kind) ?? make(kind, folder, clip);
    made.set(kind, known);
    return known;
  };
  return { clip, remove: () => rm(folder, { recursive: true, force: true }) };
}

async function make(
  kind: ClipKind,
  folder: string,
  clip: (kind: ClipKind) => Promise<Buffer>,
): Promise<Buffer> {
  switch (kind) {
    case 'empty':
      return Buffer.alloc(0);
    case 'html':
      return Buffer.from('<!doctype html><title>Sign in</title><p>Please sign in to go on.</p>'.repeat(50));
    case 'playlist':
      return Buffer.from(`ffconcat version 1.0\nfile '${join(folder, 'landscape.mp4')}'\n`);
    case 'hls':
      return Buffer.from(
        '#EXTM3U\n#EXTINF:4,\nfile:///etc/passwd\n#EXTINF:4,\nhttp://127.0.0.1:1/\n#EXT-X-ENDLIST\n',
      );
    case 'matroska':
      return draw('matroska', folder, [test('640x360', 30, 2), [...FAST, '-f', 'matroska']]);
    case 'growing':
      return growing(folder);
    case 'truncated':
      return cutOff(await clip('landscape'));
    case 'truncated-front':
      return cutOff(await draw('truncated-front', folder, [test('640x360', 30, 4), [...FAST, ...FASTSTART]]));
    case 'rotated':
      return turned(await clip('bt601'));
    default:
      return draw(kind, folder, DRAWN[kind] ?? [[], []]);
  }
}

async function draw(name: string, folder: string, [input, output]: [string[], string[]]): Promise<Buffer> {
  const path = join(folder, `${name}.mp4`);
  await ffmpeg(input, [...output, path]);
  return readFile(path);
}

/** Small for a second and a half, then beyond 4K: a size that no index and no first look tells. */
async function growing(folder: string): Promise<Buffer> {
  const list = join(folder, 'growing.ffconcat');
  await draw('growing-small', folder, [test('640x360', 30, 1.5), FAST]);
  const large = ['-f', 'lavfi', '-i', 'color=red:s=4608x4096:r=30'];
  await draw('growing-large', folder, [large, [...FAST, '-frames:v', '4']]);
  await writeFile(list, "ffconcat version 1.0\nfile 'growing-small.mp4'\nfile 'growing-large.mp4'\n");
  return draw('growing', folder, [
    ['-f', 'concat', '-i', list],
    ['-c', 'copy'],
  ]);
}

function cutOff(bytes: Buffer): Buffer {
  return bytes.subarray(0, Math.floor(bytes.length * 0.6));
}

/** Turns an MP4 by a quarter through the matrix of its track header, as phones do. */
function turned(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes);
  // Version 0: name, flags, five times and numbers, layer, group, volume; then nine numbers of 32 bits.
  const matrix = copy.indexOf('tkhd') + 4 + 4 + 20 + 16;
  const one = 0x10000;
  for (const [i, value] of [0, one, 0, -one, 0, 0, 0, 0, 0x40000000].entries()) {
    copy.writeInt32BE(value, matrix + 4 * i);
  }
  return copy;
}
