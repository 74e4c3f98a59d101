import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { StageWorks } from '../../activities/index.ts';
import { createOfflineLlm } from '../../activities/providers/llm-offline.ts';
import { createNarrationSpeeds } from '../../activities/providers/narration-speeds.ts';
import { createScriptGeneration } from '../../activities/script-generation.ts';
import { need } from '../../activities/stage.ts';
import { countWords } from '../../activities/text/words.ts';
import { fakeProduct, fakeWorks, gpuSeconds } from '../support/fake-works.ts';
import { TestPipeline } from '../support/test-pipeline.ts';

const article = readFileSync('examples/deep-sea.md', 'utf8');

let pipeline: TestPipeline;

beforeAll(async () => {
  pipeline = await TestPipeline.create();
});

afterAll(() => pipeline.close());

interface Spoken {
  works: StageWorks;
  seconds: number[];
  media: () => number;
}

/** The offline writer, and a voice that says so many words a second and is measured; `usage` is what it costs. */
function spokenAt(wordsPerSecond: number, voice: string, usage = gpuSeconds(0)): Spoken {
  const speeds = createNarrationSpeeds(pipeline.deps);
  const seconds: number[] = [];
  let media = 0;
  const works = fakeWorks({
    script_generation: createScriptGeneration(createOfflineLlm(), {
      read: (videoId, order) => speeds.read(videoId, { ...order, voice }),
    }),
    audio_synthesis: async (context) => {
      const { scenes } = need(context, 'script_generation');
      const words = countWords(scenes.flatMap(({ sentences }) => sentences).join(' '));
      seconds.push(words / wordsPerSecond);
      await speeds.note(
        context.videoId,
        { ...context.order, voice },
        { words, seconds: words / wordsPerSecond },
      );
      const { result, ...product } = fakeProduct('audio_synthesis');
      return { ...product, usage, result: { ...result, durationMs: (words / wordsPerSecond) * 1000 } };
    },
    media_collection: async () => {
      media += 1;
      return fakeProduct('media_collection');
    },
  });
  return { works, seconds, media: () => media };
}

async function ended(spoken: Spoken, duration = 60) {
  return pipeline.ended(await pipeline.submit({ article, duration }, spoken.works));
}

test('a narration that the voice makes too long is written anew for its measured speed, once, and the next video at once', async () => {
  const slow = spokenAt(1.9, 'slow');
  const view = await ended(slow);
  expect(view).toMatchObject({ status: 'completed', errors: [] });
  expect(slow.seconds).toHaveLength(2);
  expect(slow.media()).toBe(2);
  expect(slow.seconds[0]).toBeGreaterThan(66);
  expect(Math.abs((slow.seconds[1] ?? 0) - 60)).toBeLessThan(6);
  const { rows } = await pipeline.deps.pool.query(
    "SELECT detail->>'checks' AS checks FROM audit_log WHERE action = 'discard_results' AND video_id = $1",
    [view.video_id],
  );
  expect(rows).toEqual([{ checks: expect.stringMatching(/^length \d+\.\d s \(bound 60 ± 6\)$/) }]);
  const next = spokenAt(1.9, 'slow');
  await ended(next);
  expect(next.seconds).toHaveLength(1);
  expect(Math.abs((next.seconds[0] ?? 0) - 60)).toBeLessThan(6);
});

test('one that is too short is written longer', async () => {
  const fast = spokenAt(4, 'fast');
  await ended(fast);
  expect(fast.seconds).toHaveLength(2);
  expect(fast.seconds[0]).toBeLessThan(54);
  expect(Math.abs((fast.seconds[1] ?? 0) - 60)).toBeLessThan(6);
});

test('an article that is spoken whole is not written anew for being short', async () => {
  const whole = spokenAt(2.85, 'whole');
  expect(await ended(whole, 600)).toMatchObject({ status: 'completed' });
  expect(whole.seconds).toHaveLength(1);
});

test('without the money for a second narration the first one stays', async () => {
  // $2.50 of the $3.00: the rest of the stages fits, script and speech anew do not.
  const dear = spokenAt(1.9, 'dear', gpuSeconds(7_900));
  expect(await ended(dear)).toMatchObject({ status: 'completed' });
  expect(dear.seconds).toHaveLength(1);
});
