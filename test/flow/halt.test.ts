import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runChild } from '../../activities/child.ts';
import type { StageContext } from '../../activities/stage.ts';
import { LANE_SLOTS } from '../../domain/lanes.ts';
import { emergencyHalt, resumeAll } from '../../infra/moves/pause.ts';
import { readVideo } from '../../infra/views/video-view.ts';
import { livingChildren } from '../support/children.ts';
import { fakeProduct } from '../support/fake-works.ts';
import { eventually, TestPipeline } from '../support/test-pipeline.ts';

const RUNNING = LANE_SLOTS.gpu + LANE_SLOTS.cpu;
const WAITING = 20;

let pipeline: TestPipeline;

beforeAll(async () => {
  pipeline = await TestPipeline.create({ places: LANE_SLOTS });
});

afterAll(() => pipeline.close());

/** Encodes for an hour, in real time: only a signal ends it. Its file is in the test's own folder. */
async function encodeForAnHour({ signal, workDir }: StageContext) {
  const { ffmpeg } = pipeline.deps.config.tools;
  const source = ['-re', '-f', 'lavfi', '-i', 'testsrc=duration=3600:size=64x36:rate=1'];
  await runChild(ffmpeg, [...source, '-threads', '1', join(workDir, 'long.mp4')], { signal });
  return fakeProduct('video_rendering');
}

const ourChildren = () => livingChildren(pipeline.deps.config.dataDir);

async function submitMany(count: number, complexity: 'simple' | 'complex', encodes = true) {
  const works = encodes ? { video_rendering: encodeForAnHour } : {};
  return Promise.all(Array.from({ length: count }, () => pipeline.submit({ complexity }, works)));
}

test('a halt leaves no ffmpeg, ends all that was open, takes orders meanwhile, and a resume goes on', async () => {
  const running = [
    ...(await submitMany(LANE_SLOTS.cpu, 'simple')),
    ...(await submitMany(LANE_SLOTS.gpu, 'complex')),
  ];
  const waiting = await submitMany(WAITING, 'simple');
  await eventually(ourChildren, (children) => children.length >= RUNNING);

  expect(await emergencyHalt(pipeline.deps, 'test')).toBe(RUNNING + WAITING);
  const later = await submitMany(2, 'simple', false);
  for (const videoId of [...running, ...waiting]) {
    expect(await pipeline.ended(videoId)).toMatchObject({ status: 'cancelled', reason: 'emergency_halt' });
    expect(await pipeline.temporalStatus(videoId)).toBe('CANCELLED');
    const { searchAttributes } = await pipeline.handle(videoId).describe();
    expect(searchAttributes).toMatchObject({ VideoStatus: ['cancelled'], Reason: ['emergency_halt'] });
  }
  await eventually(ourChildren, (children) => children.length === 0);

  for (const videoId of later) {
    expect(await readVideo(pipeline.deps, videoId)).toMatchObject({
      status: 'queued',
      waiting_for: 'halted',
    });
  }
  await resumeAll(pipeline.deps, 'test');
  for (const videoId of later) expect(await pipeline.ended(videoId)).toMatchObject({ status: 'completed' });
});
