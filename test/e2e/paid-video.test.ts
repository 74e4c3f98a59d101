import { afterAll, beforeAll, expect, test } from 'vitest';
import { billOf } from '../../infra/bill.ts';
import type { VideoView } from '../../infra/video-view.ts';
import { type FakeOpenAi, startFakeOpenAi } from '../support/fakes/openai.ts';
import { type FakePexels, startFakePexels } from '../support/fakes/pexels.ts';
import { type Processes, startProcesses } from '../support/processes.ts';
import { postOrder, watch } from '../support/watch.ts';

let openai: FakeOpenAi;
let pexels: FakePexels;
let pipeline: Processes;

beforeAll(async () => {
  [openai, pexels] = await Promise.all([startFakeOpenAi(), startFakePexels()]);
  pipeline = await startProcesses({
    OPENAI_BASE_URL: openai.url,
    OPENAI_API_KEY: 'key-of-the-test',
    PEXELS_BASE_URL: pexels.url,
    PEXELS_API_KEY: pexels.key,
  });
});

afterAll(async () => {
  await pipeline.close();
  await Promise.all([openai.close(), pexels.close()]);
});

test('a topic becomes a footage video by paid services, and each paid answer is asked for once', {
  timeout: 200_000,
}, async () => {
  const videoId = await postOrder(pipeline.api, { prompt: 'Why the deep sea glows', duration: 15 });
  const events = await watch(pipeline.api, videoId);
  expect(events.at(-1)).toMatchObject({ type: 'video.completed' });
  const view = (await (await fetch(`${pipeline.api}/pipeline/status/${videoId}`)).json()) as VideoView;
  expect(view).toMatchObject({ status: 'completed', errors: [], providers: { footage: 'pexels' } });
  expect(view.providers['llm']).toContain('gpt-4o-mini');
  expect(openai.calls).toMatchObject({ chat: 1, transcription: 1 });
  expect(openai.calls.speech).toBeGreaterThan(2);
  expect(pexels.calls.file).toBeGreaterThan(0);
  const bill = await billOf(pipeline.deps.pool, videoId);
  expect(new Set(bill?.charges.map(({ service }) => service))).toEqual(
    new Set(['openai', 'tts', 'media_api', 'cpu_compute', 'storage']),
  );
});
