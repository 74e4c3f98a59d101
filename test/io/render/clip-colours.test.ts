import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { COLOUR_TAGS } from '../../../activities/providers/renderer.ts';
import { clipFilters } from '../../../activities/render/clip-filters.ts';
import type { Clip } from '../../../domain/results.ts';
import { colourAt } from '../../support/measure.ts';
import { drawn, ffmpeg } from '../../support/synthetic-video.ts';

/** Red, green, blue and grey beside each other, none of them at the end of its scale. */
const COLOURS = ['c03020', '20a040', '2040c0', '808080'];
const FRAME = { width: 640, height: 360 };

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ytempire-colours-'));
});

afterAll(() => rm(folder, { recursive: true }));

interface Case {
  name: string;
  width: number;
  height: number;
  matrix: 'bt709' | 'bt601';
  range?: 'tv' | 'pc';
  /** Tags written to the file, and what a probe reads of its matrix. */
  tags: string[];
  colorSpace: string | null;
}

const SD = { width: 640, height: 360 };
const HD = { width: 1280, height: 720 };

const CASES: Case[] = [
  { name: 'high definition without tags', ...HD, matrix: 'bt709', tags: [], colorSpace: null },
  { name: 'standard definition without tags', ...SD, matrix: 'bt601', tags: [], colorSpace: null },
  {
    name: 'standard definition that says BT.709',
    ...{ ...SD, matrix: 'bt709', tags: ['-colorspace', 'bt709'], colorSpace: 'bt709' },
  },
  {
    name: 'high definition that says BT.601',
    ...{ ...HD, matrix: 'bt601', tags: ['-colorspace', 'smpte170m'], colorSpace: 'smpte170m' },
  },
  {
    name: 'full range',
    ...{ ...HD, matrix: 'bt709', range: 'pc', tags: ['-color_range', 'pc'], colorSpace: null },
  },
  {
    name: 'full range that says BT.601, in a shape that gets a fill',
    ...{ width: 720, height: 720, matrix: 'bt601', range: 'pc' },
    ...{ tags: ['-colorspace', 'bt470bg', '-color_range', 'pc'], colorSpace: 'bt470bg' },
  },
];

test.each(CASES)('a clip in $name comes out in its colours, in BT.709', async (clip) => {
  const input = join(folder, `${clip.name}.mp4`);
  const output = join(folder, `${clip.name} out.mp4`);
  await ffmpeg([], [...drawn(bars(clip), ['-crf', '4', ...clip.tags]), input]);
  const facts = { fps: 30, durationMs: 200, ...clip } as unknown as Clip;
  const filters = clipFilters(facts, FRAME, 1, '[0:v:0]', '[out]');
  const written = ['-map', '[out]', '-c:v', 'libx264', '-crf', '4', ...COLOUR_TAGS, output];
  await ffmpeg(['-i', input, '-filter_complex', filters], written);
  const shown = clip.width === clip.height ? FRAME.height : FRAME.width;
  for (const [i, colour] of COLOURS.entries()) {
    const x = (FRAME.width - shown) / 2 + (shown / 4) * (i + 0.5) - 20;
    const seen = await colourAt(output, 0, `crop=40:200:${x}:80`);
    const wanted = [0, 2, 4].map((at) => Number.parseInt(colour.slice(at, at + 2), 16));
    for (const [channel, value] of seen.entries())
      expect(Math.abs(value - (wanted[channel] ?? 0)), `${colour} became ${seen}`).toBeLessThanOrEqual(4);
  }
});

function bars({ width, height, matrix, range = 'tv' }: Case): string {
  const one = (colour: string, i: number) =>
    `color=0x${colour}:size=${width / 4}x${height}:rate=30:duration=0.2,format=gbrp[c${i}]`;
  const joined = `${COLOURS.map((_, i) => `[c${i}]`).join('')}hstack=inputs=4`;
  return `${COLOURS.map(one).join(';')};${joined},scale=out_color_matrix=${matrix}:out_range=${range},format=yuv420p`;
}
