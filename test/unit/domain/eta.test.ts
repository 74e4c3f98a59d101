import fc from 'fast-check';
import { expect, test } from 'vitest';
import { leftMs, type QueueLoad, STAGE_LIMIT_TIMES, waitMs } from '../../../domain/eta.ts';
import { STAGE_NAMES } from '../../../domain/stages.ts';
import { COMPLEXITIES } from '../../../domain/video.ts';

const ms = fc.nat({ max: 1_000_000 });
const times = fc.record({
  script_generation: ms,
  audio_synthesis: ms,
  media_collection: ms,
  video_rendering: ms,
  quality_validation: ms,
  upload_preparation: ms,
});
const lane = fc.record({ places: fc.nat({ max: 8 }), leftMs: fc.array(ms, { maxLength: 8 }) });
const load: fc.Arbitrary<QueueLoad> = fc.record({
  lanes: fc.record({ gpu: lane, cpu: lane }),
  times: fc.record({ simple: times, complex: times, premium: times }),
});
const ahead = fc.record({ simple: fc.nat(500), complex: fc.nat(500), premium: fc.nat(500) });
const complexity = fc.constantFrom(...COMPLEXITIES);

test('audio and media count once, by the slower of the two', () => {
  const all = Object.fromEntries(STAGE_NAMES.map((name) => [name, 10])) as typeof STAGE_LIMIT_TIMES;
  expect(leftMs({ ...all, media_collection: 50 })).toBe(90);
  const headway = {
    done: ['script_generation', 'media_collection'] as const,
    running: { audio_synthesis: 4 },
  };
  expect(leftMs(all, headway)).toBe(36);
  expect(leftMs(STAGE_LIMIT_TIMES)).toBe(690_000);
});

test('whatever has run for however long, what is left is never negative, and no more than all of it', () => {
  fc.assert(
    fc.property(
      times,
      fc.subarray([...STAGE_NAMES]),
      fc.constantFrom(...STAGE_NAMES),
      ms,
      (of, done, name, ran) => {
        const left = leftMs(of, { done, running: { [name]: ran } });
        expect(left).toBeGreaterThanOrEqual(0);
        expect(left).toBeLessThanOrEqual(leftMs(of));
      },
    ),
  );
});

test('the wait is never negative, and no shorter with one more video ahead', () => {
  fc.assert(
    fc.property(load, complexity, ahead, complexity, (of, mine, before, added) => {
      const wait = waitMs(mine, before, of);
      const longer = waitMs(mine, { ...before, [added]: before[added] + 1 }, of);
      expect(wait === null).toBe(longer === null);
      expect(wait ?? 0).toBeGreaterThanOrEqual(0);
      expect(longer ?? 0).toBeGreaterThanOrEqual(wait ?? 0);
    }),
  );
});

test('a lane that nobody serves gives no time; premium takes the lane that is served', () => {
  const of: QueueLoad = {
    lanes: { gpu: { places: 0, leftMs: [] }, cpu: { places: 1, leftMs: [5] } },
    times: { simple: STAGE_LIMIT_TIMES, complex: STAGE_LIMIT_TIMES, premium: STAGE_LIMIT_TIMES },
  };
  const none = { simple: 0, complex: 0, premium: 0 };
  expect(waitMs('complex', none, of)).toBeNull();
  expect(waitMs('premium', none, of)).toBe(5);
  expect(waitMs('simple', { ...none, premium: 1 }, of)).toBe(690_005);
});
