import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { COMPLEXITIES, FINAL_STATUSES } from '../../../domain/video.ts';
import { type Figures, readWindow, WINDOWS } from '../../../infra/analytics/window.ts';
import { type VideoRow, writeVideo } from '../../support/ended-videos.ts';
import { createTestDeps } from '../../support/test-deps.ts';

const deps = await createTestDeps();
const NOON = new Date('2027-03-03T12:00:00Z');

afterAll(() => deps.close());

const micros = (dollars: number) => Math.round(dollars * 1e6);
const sum = <T>(list: readonly T[], of: (each: T) => number) => list.reduce((all, each) => all + of(each), 0);

test('the parts of a window add up to the whole, whatever ended and was paid', async () => {
  const paid = fc.record({
    provider: fc.constantFrom('openai', 'pexels', 'local', 'offline'),
    amount: fc.integer({ min: 0, max: 3_000_000 }).map((amount) => amount / 1e6),
    stage: fc.constantFrom('script_generation', 'video_rendering'),
  });
  const row: fc.Arbitrary<VideoRow> = fc.record({
    at: fc
      .integer({ min: 0, max: 9 * 24 * 60 })
      .map((m) => new Date(NOON.getTime() - m * 60_000).toISOString()),
    channel: fc.constantFrom('alpha', 'beta', '=1+1', 'ünï'),
    complexity: fc.constantFrom(...COMPLEXITIES),
    status: fc.constantFrom(...FINAL_STATUSES, 'processing' as const),
    reason: fc.constantFrom('cost_limit', 'operator_cancel', 'timeout'),
    seconds: fc.integer({ min: 1, max: 900 }),
    paid: fc.array(paid, { maxLength: 4 }),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(row, { maxLength: 12 }), fc.constantFrom(...WINDOWS), async (rows, window) => {
      await deps.pool.query('DELETE FROM video_queue');
      for (const each of rows) await writeVideo(deps.pool, each);
      const all = await readWindow(deps, window, NOON);
      const { by_complexity, by_channel, by_provider } = all;
      for (const parts of [by_complexity, by_channel] as Figures[][]) {
        expect(sum(parts, (part) => part.videos_processed)).toBe(all.videos_processed);
        expect(sum(parts, (part) => part.completed_videos)).toBe(all.completed_videos);
        expect(sum(parts, (part) => part.failed_videos)).toBe(all.failed_videos);
        expect(sum(parts, (part) => micros(part.total_cost))).toBe(micros(all.total_cost));
      }
      expect(sum(by_provider, (part) => micros(part.total_cost))).toBe(micros(all.total_cost));
      const ended = all.completed_videos + all.failed_videos + all.cancelled_videos;
      expect(ended).toBe(all.videos_processed);
    }),
    { numRuns: 25 },
  );
});
