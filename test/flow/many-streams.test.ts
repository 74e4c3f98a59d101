import { expect, test } from 'vitest';
import { pauseAll, resumeAll } from '../../infra/moves/pause.ts';
import { openManyStreams } from '../support/many-streams.ts';
import { serveStreams, watchersOf } from '../support/stream-client.ts';
import { eventually, TestPipeline } from '../support/test-pipeline.ts';

const STREAMS = 200;
const VIDEOS = 12;

test('200 streams of both kinds over 12 videos lose no last event', async () => {
  const pipeline = await TestPipeline.create();
  const api = await serveStreams(pipeline.deps);
  try {
    await pauseAll(pipeline.deps, 'test');
    const ids = await Promise.all(Array.from({ length: VIDEOS }, () => pipeline.submit()));
    const heard = await openManyStreams(api.url, ids, STREAMS);
    expect(await watchersOf(api)).toBe(STREAMS);
    await resumeAll(pipeline.deps, 'test');
    const { lostEnds, lostOfAll, messages } = await heard();
    expect({ lostEnds, lostOfAll }).toEqual({ lostEnds: 0, lostOfAll: 0 });
    // A snapshot, and begin and end of six stages at least.
    expect(messages).toBeGreaterThan(190 * 13);
    for (const id of ids) expect((await pipeline.ended(id)).status).toBe('completed');
    await eventually(
      () => watchersOf(api),
      (open) => open === 0,
    );
  } finally {
    await api.stop();
    await pipeline.close();
  }
});
