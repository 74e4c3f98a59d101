import { effect } from '@preact/signals';
import { expect, test } from 'vitest';
import { VideoStore } from '../../../api/page/videos.ts';
import { aLine, anEvent, VIDEO_ID } from './samples.ts';

const admitted = anEvent('video.admitted', { lane: 'cpu', admission_no: 1 });

function storeWith(changed: Parameters<typeof aLine>[0] = {}): VideoStore {
  const store = new VideoStore();
  store.beginList();
  store.replaceOpen([aLine(changed)]);
  return store;
}

test('an event that came while the list was on its way is not lost to the older list', () => {
  const store = storeWith();
  store.beginList();
  store.take(admitted);
  store.replaceOpen([aLine({ status: 'queued' })]);
  expect(store.row(VIDEO_ID)?.value).toMatchObject({ status: 'processing', lane: 'cpu' });
});

test('an event of a video that only the list brings is applied to it', () => {
  const store = new VideoStore();
  store.beginList();
  expect(store.take(admitted)).toBe(false);
  store.replaceOpen([aLine({})]);
  expect(store.row(VIDEO_ID)?.value.status).toBe('processing');
});

test('an open video that the list does not have any more goes, an ended one stays', () => {
  const store = storeWith();
  store.put([aLine({ video_id: 'ended', status: 'completed' })]);
  store.beginList();
  store.replaceOpen([]);
  expect(store.all().map(({ video_id }) => video_id)).toEqual(['ended']);
});

test('a step of a stage draws its row again and not the list', () => {
  const store = storeWith({ status: 'processing' });
  let drawnRows = 0;
  let drawnLists = 0;
  effect(() => {
    void store.row(VIDEO_ID)?.value;
    drawnRows += 1;
  });
  effect(() => {
    store.all();
    drawnLists += 1;
  });
  store.take(anEvent('stage.progress', { stage: 'video_rendering', percent: 10, progress: 31 }));
  expect({ drawnRows, drawnLists }).toEqual({ drawnRows: 2, drawnLists: 1 });
  store.take(anEvent('video.completed', { cost: 1, title: 't', duration_ms: 1 }));
  expect({ drawnRows, drawnLists }).toEqual({ drawnRows: 3, drawnLists: 2 });
});

test('the percent that an event told of a running stage is kept over the guess of a list', () => {
  const line = { status: 'processing', stages: { script_generation: 'running' }, progress: 4 } as const;
  const store = storeWith(line);
  store.take(anEvent('stage.progress', { stage: 'script_generation', percent: 42, progress: 2.1 }));
  store.put([aLine(line)]);
  expect(store.row(VIDEO_ID)?.value.stages.script_generation.percent).toBe(42);
});
