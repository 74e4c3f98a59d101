import { expect, test } from 'vitest';
import { LANE_SLOTS, laneFor, placesOffered, threadsPerJob } from '../../../domain/lanes.ts';

const both = { gpu: 1, cpu: 1 };
const onlyCpu = { gpu: 0, cpu: 1 };
const onlyGpu = { gpu: 1, cpu: 0 };
const none = { gpu: 0, cpu: 0 };
/** Places were taken away under videos in production. */
const overdrawn = { gpu: -1, cpu: -2 };

test.each([
  ['simple', both, 'cpu'],
  ['simple', onlyGpu, null],
  ['complex', both, 'gpu'],
  ['complex', onlyCpu, null],
  ['premium', both, 'gpu'],
  ['premium', onlyCpu, 'cpu'],
  ['premium', onlyGpu, 'gpu'],
  ['premium', none, null],
  ['premium', overdrawn, null],
  ['simple', overdrawn, null],
] as const)('%s with %j free goes to %s', (complexity, free, lane) => {
  expect(laneFor(complexity, free)).toBe(lane);
});

const GB = 1024 ** 3;

test.each([
  ['two cores', 2, 8, 1],
  ['six cores', 6, 64, 2],
  ['twelve cores', 12, 64, 4],
  ['many cores and little memory', 64, 16, 2],
  ['many cores', 64, 512, 4],
])('%s offer places on the cpu lane by their size', (_, cores, gigabytes, places) => {
  const machine = { cores, memoryBytes: gigabytes * GB, hardwareEncoder: false };
  expect(placesOffered('cpu', machine)).toBe(places);
});

test('a lane that encodes on a graphics card offers its slots, whatever the cores', () => {
  const machine = { cores: 2, memoryBytes: 4 * GB, hardwareEncoder: true };
  expect(placesOffered('gpu', machine)).toBe(LANE_SLOTS.gpu);
});

test('a job has three threads at most, and no more than there are cores', () => {
  expect([1, 2, 3, 16].map(threadsPerJob)).toEqual([1, 2, 3, 3]);
});
