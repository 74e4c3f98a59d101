import { execFileSync } from 'node:child_process';
import { symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { assFile } from '../../../activities/captions/ass.ts';
import { cuesOf } from '../../../activities/captions/cues.ts';
import { LINE_CHARS } from '../../../activities/captions/lines.ts';
import { safeArea } from '../../../activities/cards/frame.ts';
import { ASPECTS, type Aspect, FRAME_SIZE } from '../../../domain/video.ts';
import { FONT_FAMILY, fontsDir } from '../../../infra/text/fonts.ts';
import { tempFolders } from '../../support/temp-folders.ts';

const ffmpeg = process.env['FFMPEG_PATH'] ?? 'ffmpeg';
const folder = tempFolders('captions-test-');
const fonts = await fontsDir();

/** One frame of the first caption over one colour, as gray pixels or as red, green and blue. */
function drawn(
  captions: 'bold' | 'clean' | 'none',
  aspect: Aspect,
  text: string,
  pixels: 'gray' | 'rgb24',
  ground = 'black',
) {
  const { width, height } = FRAME_SIZE[aspect];
  const words = text.split(' ').map((word, i) => ({ text: word, startMs: i * 200, endMs: i * 200 + 200 }));
  const sentence = { text, scene: 0, startMs: 0, endMs: words.length * 200, words };
  const cues = cuesOf([sentence], 60_000, LINE_CHARS[aspect]);
  const dir = folder();
  writeFileSync(join(dir, 'c.ass'), assFile(cues, { font: FONT_FAMILY, width, height, captions }));
  symlinkSync(fonts, join(dir, 'fonts'));
  const plain = ['-f', 'lavfi', '-i', `color=${ground}:s=${width}x${height}:r=1:d=1,format=${pixels}`];
  const burn = ['-vf', `subtitles=filename=c.ass:fontsdir=fonts,format=${pixels}`, '-frames:v', '1'];
  const args = ['-v', 'error', ...plain, ...burn, '-f', 'rawvideo', '-'];
  return execFileSync(ffmpeg, args, { cwd: dir, maxBuffer: 20_000_000 });
}

/** The box around all that is brighter than black, in pixels. */
function boxOf(pixels: Buffer, width: number) {
  const box = { left: width, right: -1, top: -1, bottom: -1 };
  for (let at = 0; at < pixels.length; at += 1) {
    if ((pixels[at] ?? 0) < 40) continue;
    const x = at % width;
    box.bottom = Math.floor(at / width);
    if (box.top < 0) box.top = box.bottom;
    box.left = Math.min(box.left, x);
    box.right = Math.max(box.right, x);
  }
  return box;
}

/** The lowest of a frame that is seen: below, players of short videos lay title and buttons over a tall one. */
const SEEN: Record<Aspect, number> = { '16:9': 0.96, '9:16': 0.75, '1:1': 0.96 };

const WIDEST = `${'W'.repeat(13)} ${'M'.repeat(12)} ${'W'.repeat(25)}`;

describe.each(ASPECTS)('captions burned in at %s', (aspect) => {
  const { width, height } = FRAME_SIZE[aspect];
  const card = safeArea({ width, height });

  test.each(['bold', 'clean'] as const)(
    '%s: two of the widest lines stay below the card and inside the margins',
    (look) => {
      const box = boxOf(drawn(look, aspect, WIDEST, 'gray'), width);
      expect(box.top).toBeGreaterThanOrEqual(card.y + card.height);
      expect(box.bottom).toBeLessThan(height * SEEN[aspect]);
      expect(box.left).toBeGreaterThanOrEqual(width * 0.04);
      expect(box.right).toBeLessThanOrEqual(width * 0.96);
      const lineHeight = (box.bottom - box.top) / 2;
      expect(lineHeight, 'two lines, no more').toBeLessThan(height * 0.08);
    },
  );
});

/** The colour of letters on one side of captions at 16:9: of their brightest pixels, since edges are mixed. */
function colourOfLetters(pixels: Buffer, side: 'left' | 'right'): number[] {
  const { width, height } = FRAME_SIZE['16:9'];
  const letters: number[][] = [];
  for (let at = 3 * width * Math.floor(height * 0.8); at < pixels.length; at += 3) {
    const x = (at / 3) % width;
    const here = side === 'left' ? x < width * 0.47 : x > width * 0.53;
    if (here && (pixels[at + 1] ?? 0) > 160) letters.push([...pixels.subarray(at, at + 3)]);
  }
  const light = ([red = 0, green = 0, blue = 0]: number[]) => red + green + blue;
  const bright = letters.toSorted((one, two) => light(two) - light(one)).slice(0, letters.length / 4);
  expect(bright.length).toBeGreaterThan(100);
  return [0, 1, 2].map((channel) =>
    bright.reduce((sum, each) => sum + (each[channel] ?? 0) / bright.length, 0),
  );
}

test.each([
  ['bold', 'black'],
  ['bold', 'gray'],
  ['clean', 'black'],
  ['clean', 'gray'],
] as const)('%s on %s: the word that is spoken is lit in its own colour, and no other', (look, ground) => {
  const pixels = drawn(look, '16:9', 'HHHHHH iii HHHHHH', 'rgb24', ground);
  const [lit, other] = [colourOfLetters(pixels, 'left'), colourOfLetters(pixels, 'right')] as const;
  const apart = lit.map((channel, i) => Math.abs(channel - (other[i] ?? 0)));
  expect(Math.max(...apart), `lit ${lit}, other ${other}`).toBeGreaterThan(80);
  expect(Math.min(...other), 'the others are nearly white').toBeGreaterThan(220);
});

test('captions that are left to the files draw nothing', () => {
  expect(boxOf(drawn('none', '16:9', 'Not seen at all', 'gray'), 1920).bottom).toBe(-1);
});
