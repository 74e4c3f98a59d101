import { expect, test } from 'vitest';
import { workflowIdOf } from '../../../domain/contract.ts';
import { endsStream, FINAL_EVENT } from '../../../domain/events.ts';
import {
  ASPECTS,
  COMPLEXITIES,
  ESTIMATED_COST,
  FINAL_STATUSES,
  FRAME_SIZE,
  isFinal,
  VIDEO_STATUSES,
} from '../../../domain/video.ts';

test('completed, failed and cancelled are final, and each has its last event', () => {
  expect(VIDEO_STATUSES.filter(isFinal)).toEqual([...FINAL_STATUSES]);
  for (const status of FINAL_STATUSES) expect(endsStream(FINAL_EVENT[status])).toBe(true);
  expect(endsStream('stage.completed')).toBe(false);
});

test('every aspect has an even frame with that aspect', () => {
  for (const aspect of ASPECTS) {
    const { width, height } = FRAME_SIZE[aspect];
    const [across = 0, down = 0] = aspect.split(':').map(Number);
    expect(width * down).toBe(height * across);
    expect((width % 2) + (height % 2)).toBe(0);
  }
});

test('the estimates are those that were promised', () => {
  expect(COMPLEXITIES.map((complexity) => ESTIMATED_COST[complexity])).toEqual([
    2_000_000, 2_500_000, 2_800_000,
  ]);
});

test('a workflow has the id of its video', () => {
  expect(workflowIdOf('abc')).toBe('video-abc');
});
