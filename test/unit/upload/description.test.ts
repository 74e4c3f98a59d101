import fc from 'fast-check';
import { expect, test } from 'vitest';
import { chaptersOf } from '../../../activities/upload/chapters.ts';
import { describeUpload } from '../../../activities/upload/description.ts';
import type { AudioResult, MediaResult, ScriptResult } from '../../../domain/results.ts';

type Scenes = [heading: string, startS: number][];

function chapters(scenes: Scenes, endS: number, bytes = 2_000): string {
  const script = { scenes: scenes.map(([heading]) => ({ heading })) } as ScriptResult;
  return chaptersOf(
    script,
    { sceneStartsMs: scenes.map(([, s]) => s * 1000), durationMs: endS * 1000 },
    bytes,
  );
}

test('chapters stand at the times of the scenes, the first at 0:00', () => {
  const scenes: Scenes = [
    ['Why it glows', 0.4],
    ['Light without heat', 11.9],
    ['Light without heat', 25],
    ['<Too> short', 30],
    ['See evil.example or https://x.test', 34],
    ['Who\n uses it', 65.2],
    ['Too near the end', 74],
  ];
  expect(chapters(scenes, 80)).toBe(
    '0:00 Why it glows\n0:11 Light without heat\n0:30 Too short\n1:05 Who uses it',
  );
});

test.each<[string, Scenes, number]>([
  [
    'two scenes',
    [
      ['A', 0],
      ['B', 20],
    ],
    60,
  ],
  [
    'scenes of nine seconds',
    [
      ['A', 0],
      ['B', 9],
      ['C', 18],
    ],
    27,
  ],
  [
    'one heading for all',
    [
      ['A', 0],
      ['A', 20],
      ['A', 40],
    ],
    60,
  ],
])('%s make no chapters', (_, scenes, endS) => {
  expect(chapters(scenes, endS)).toBe('');
});

test('whatever the scenes: at least three of at least ten seconds each, in order, within their bytes, or none', () => {
  const scene = fc.tuple(
    fc.string({ unit: 'grapheme', maxLength: 70 }),
    fc.integer({ min: 300, max: 40_000 }),
  );
  fc.assert(
    fc.property(fc.array(scene, { maxLength: 120 }), (drawn) => {
      let at = 0;
      const scenes = drawn.map(([heading, ms]): Scenes[number] => {
        at += ms;
        return [heading, (at - ms) / 1000];
      });
      const lines = chapters(scenes, at / 1000, 600)
        .split('\n')
        .filter(Boolean);
      if (lines.length === 0) return;
      expect(lines.length).toBeGreaterThanOrEqual(3);
      expect(Buffer.byteLength(lines.join('\n'))).toBeLessThanOrEqual(600);
      const starts = lines.map((line) => {
        const [h = 0, m = 0, s = 0] = `0:0:${line.split(' ')[0]}`.split(':').map(Number).slice(-3);
        return h * 3600 + m * 60 + s;
      });
      expect(starts[0]).toBe(0);
      [...starts.slice(1), Math.floor(at / 1000)].forEach((end, i) => {
        expect(end - (starts[i] ?? 0)).toBeGreaterThanOrEqual(10);
      });
    }),
  );
});

function describeWith(description: string, music?: AudioResult['music']): string {
  const licence = {
    source: 'Pexels',
    author: 'Ann',
    licence: 'Pexels License',
    url: 'https://www.pexels.com/video/1/',
  };
  const media = { scenes: [{ kind: 'footage', clips: [{ licence }] }] } as unknown as MediaResult;
  const scenes = ['One', 'Two', 'Three'].map((heading) => ({ heading }));
  const script = { description, scenes } as unknown as ScriptResult;
  const audio = {
    sceneStartsMs: [0, 20_000, 40_000],
    durationMs: 60_000,
    ...(music && { music }),
  } as AudioResult;
  return describeUpload({ source_url: 'https://example.org/a' }, script, media, audio);
}

test('the description ends in chapters and sources, and gives way to them when it is too long', () => {
  const end =
    '\n\n0:00 One\n0:20 Two\n0:40 Three\n\nSource: https://example.org/a\nFootage: Pexels (https://www.pexels.com, Pexels License) by Ann';
  expect(describeWith('About it')).toBe(`About it${end}`);
  const long = describeWith('ü'.repeat(4_000));
  expect(long).toMatch(/^ü+\n/);
  expect(long.endsWith(end)).toBe(true);
  expect(Buffer.byteLength(long)).toBeLessThanOrEqual(5_000);
});

test("music is named when its licence is known and is not this program's own", () => {
  const credit = { name: 'calm', source: 'MUSIC_DIR', licence: 'CC BY 4.0,\n<Bea>', sha256: 'aa' };
  expect(describeWith('', credit)).toMatch(/\nMusic: calm \(CC BY 4\.0, Bea\)$/);
  const quiet = [
    { ...credit, licence: 'not stated: the operator answers for it' },
    { ...credit, name: 'soft' },
  ];
  for (const music of quiet) expect(describeWith('', music)).not.toContain('Music');
});
