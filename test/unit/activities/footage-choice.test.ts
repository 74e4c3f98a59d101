import { describe, expect, test } from 'vitest';
import { bestFile, interleave, termsOf } from '../../../activities/footage/choose.ts';
import { creditsOf } from '../../../activities/upload/licences.ts';
import type { Scene, SceneMedia } from '../../../domain/results.ts';

const WIDE = { width: 1920, height: 1080 };
const TALL = { width: 1080, height: 1920 };
const file = (
  width: number | null,
  height: number | null,
  more: { fps?: number; file_type?: string } = {},
) => ({
  ...{ file_type: 'video/mp4', width, height, fps: 30 },
  ...more,
});

describe('the file of a video', () => {
  const wide = [file(640, 360), file(7680, 4320), file(3840, 2160), file(1920, 1080), file(1280, 720)];

  test('is the smallest that fills the frame', () => {
    expect(bestFile(wide, WIDE)).toBe(wide[3]);
    expect(bestFile(wide, { width: 1280, height: 720 })).toBe(wide[4]);
  });

  test('is the largest up to 4K when none fills the frame', () => {
    expect(bestFile([file(640, 360), file(1280, 720)], WIDE)).toMatchObject({ width: 1280 });
    expect(bestFile([file(7680, 4320), file(960, 540)], WIDE)).toMatchObject({ width: 960 });
  });

  test('of an upright clip need only be as high as a wide frame', () => {
    const upright = [file(360, 640), file(720, 1280), file(1080, 1920), file(2160, 3840)];
    expect(bestFile(upright, WIDE)).toMatchObject({ height: 1280 });
    expect(bestFile(upright, TALL)).toMatchObject({ height: 1920 });
  });

  test('is the one nearest to 30 frames a second among those of one size', () => {
    expect(bestFile([file(1920, 1080, { fps: 60 }), file(1920, 1080, { fps: 25 })], WIDE)).toMatchObject({
      fps: 25,
    });
  });

  test('is none when there are only streams, other types or 8K', () => {
    const others = [
      file(null, null),
      file(1920, 1080, { file_type: 'application/x-mpegURL' }),
      file(8192, 4320),
    ];
    expect(bestFile(others, WIDE)).toBeNull();
    expect(bestFile([], WIDE)).toBeNull();
  });
});

describe('the search words of a scene', () => {
  const scene = (keywords: string[]) => ({ keywords, heading: 'The  Dark Zone' }) as Scene;

  test('are two: its own, then those of the order, then its heading', () => {
    expect(termsOf(scene(['Reef', 'fish', 'coral']), ['sea'])).toEqual(['reef', 'fish']);
    expect(termsOf(scene(['Reef', ' reef ', '']), ['sea'])).toEqual(['reef', 'sea']);
    expect(termsOf(scene([]), [])).toEqual(['the dark zone']);
  });

  test('take turns in the scene', () => {
    expect(interleave([['a1', 'a2', 'a3'], ['b1']])).toEqual(['a1', 'b1', 'a2', 'a3']);
    expect(interleave([])).toEqual([]);
  });
});

test('the credits link to the source once and name each author once', () => {
  const clip = (author: string) => ({
    licence: { source: 'Pexels', author, licence: 'Pexels License', url: 'https://www.pexels.com/video/1/' },
  });
  const scenes = [
    { kind: 'footage', clips: [clip('Ann'), clip('Ben\n Ray')] },
    { kind: 'card', licence: { source: 'ytempire motion cards', author: 'generated' } },
    { kind: 'footage', clips: [clip('Ann')] },
  ] as SceneMedia[];
  expect(creditsOf({ scenes })).toBe(
    'Footage: Pexels (https://www.pexels.com, Pexels License) by Ann, Ben Ray',
  );
  expect(creditsOf({ scenes: scenes.slice(1, 2) })).toBe('');
});
