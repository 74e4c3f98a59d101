import { describe, expect, test } from 'vitest';
import { FADE_FRAMES, stretchesOf } from '../../../../activities/render/stretches.ts';
import type { Clip } from '../../../../domain/results.ts';

function clip(id: string, seconds: number): Clip {
  const licence = { source: 'pexels', id, author: 'A. Maker', licence: 'Pexels License', sha256: id };
  const file = { key: id, sha256: id, bytes: 1 };
  const facts = { width: 1920, height: 1080, fps: 30, colorSpace: null };
  return { file, durationMs: seconds * 1000, ...facts, licence };
}

function told(clips: Clip[], frames: number) {
  return stretchesOf(clips, frames).map(({ clip: { file }, frames: shown, speed, rounds }) => ({
    id: file.key,
    shown,
    speed: Math.round(speed * 100) / 100,
    rounds,
  }));
}

describe('dividing a scene among its clips', () => {
  test('clips that are long enough share it equally at their own speed', () => {
    expect(told([clip('a', 20), clip('b', 20)], 301)).toEqual([
      { id: 'a', shown: 150, speed: 1, rounds: 1 },
      { id: 'b', shown: 151, speed: 1, rounds: 1 },
    ]);
  });

  test('a longer clip takes over what a short one cannot fill', () => {
    expect(told([clip('a', 3), clip('b', 20)], 300)).toMatchObject([{ shown: 76 }, { shown: 224 }]);
  });

  test('a clip that is a little too short is slowed down', () => {
    expect(told([clip('a', 9)], 300)).toEqual([{ id: 'a', shown: 300, speed: 0.85, rounds: 1 }]);
  });

  test('clips that are much too short come round again', () => {
    const turns = told([clip('a', 3), clip('b', 4)], 450);
    expect(turns.map(({ id }) => id).join('')).toBe('abab');
  });

  test('a clip of a second repeats itself instead of taking dozens of turns', () => {
    const [turn, ...others] = told([clip('a', 1)], 1800);
    expect(others.length).toBeLessThan(8);
    expect(turn?.rounds).toBeGreaterThan(5);
  });

  test('a short scene shows one clip rather than flashes of many', () => {
    expect(told([clip('a', 9), clip('b', 9), clip('c', 9)], 70)).toMatchObject([{ id: 'a', shown: 70 }]);
  });

  test('whatever the clips, the stretches add up to the scene, and each clip lasts until it has faded', () => {
    for (const seconds of [[0.2], [1.1, 7], [2.2, 3.3, 4.4], [30], [0.1, 0.1, 60]])
      for (const frames of [1, 20, 59, 150, 151, 900, 9000]) {
        const stretches = stretchesOf(
          seconds.map((each, i) => clip(String(i), each)),
          frames,
        );
        expect(stretches.length).toBeLessThanOrEqual(8);
        expect(stretches.reduce((sum, { frames: shown }) => sum + shown, 0)).toBe(frames);
        for (const { clip: used, frames: shown, speed, rounds } of stretches) {
          const lasts = (used.durationMs * 0.03 * rounds) / speed;
          expect(speed).toBeGreaterThanOrEqual(0.79);
          expect(shown).toBeGreaterThan(0);
          expect(shown + FADE_FRAMES).toBeLessThanOrEqual(Math.ceil(lasts) + 1);
        }
      }
  });
});
