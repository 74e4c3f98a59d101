import { expect, test } from 'vitest';
import { estimateRevenue, sumAudience } from '../../../domain/revenue.ts';

test.each([
  // videos, measured, their views, CPM in micro-dollars, views per video: views, whose, dollars
  [0, 0, 0, 2_000_000, 1_000, 0, null, 0],
  [3, 0, 0, 2_000_000, 1_000, 3_000, 'assumed', 6],
  [3, 3, 1, 2_000_000, 1_000, 1, 'measured', 0],
  [3, 3, 3, 2_000_000, 1_000, 3, 'measured', 0.01],
  [3, 1, 0, 2_000_000, 1_000, 2_000, 'mixed', 4],
  [1, 1, 2_500, 0, 1_000, 2_500, 'measured', 0],
  [1, 0, 0, 1_234_567, 1_000_000_000, 1_000_000_000, 'assumed', 1_234_567],
  // Beyond what a number of micro-dollars holds.
  [1, 1, 9_000_000_000_000, 25_000_000, 0, 9_000_000_000_000, 'measured', 225_000_000_000],
] as const)(
  '%d videos, %d of them measured with %d views, at a CPM of %d and %d views each: %d views (%s), %d dollars',
  (videos, measured_videos, measured_views, cpm, viewsPerVideo, views, views_source, revenue) => {
    expect(estimateRevenue({ videos, measured_videos, measured_views }, { cpm, viewsPerVideo })).toEqual({
      videos,
      measured_videos,
      views,
      views_source,
      revenue,
    });
  },
);

test('nobody and nobody are nobody', () => {
  expect(sumAudience([])).toEqual({ videos: 0, measured_videos: 0, measured_views: 0 });
});
