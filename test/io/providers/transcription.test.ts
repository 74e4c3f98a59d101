import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { timeWords } from '../../../activities/audio/word-times.ts';
import { createAudioSynthesis } from '../../../activities/audio-synthesis.ts';
import { createTranscriber } from '../../../activities/providers/transcription.ts';
import { hearWords } from '../../../activities/providers/transcription-times.ts';
import type { Scene, ScriptResult } from '../../../domain/results.ts';
import { priceUsage } from '../../../infra/money/prices.ts';
import { type FakeOpenAi, type Scripted, startFakeOpenAi } from '../../support/fakes/openai.ts';
import { speechOf } from '../../support/fakes/openai-sound.ts';
import { accountOn, voiceOn } from '../../support/fakes/openai-voice.ts';
import { paidPrices } from '../../support/fakes/paid-prices.ts';
import { testStage } from '../../support/stage-context.ts';
import { eventually } from '../../support/test-pipeline.ts';

const tools = {
  ffmpeg: process.env['FFMPEG_PATH'] ?? 'ffmpeg',
  ffprobe: process.env['FFPROBE_PATH'] ?? 'ffprobe',
  ttsPython: null,
  espeak: null,
};

const scene = (...sentences: string[]): Scene => ({
  heading: 'H',
  card: { kind: 'title', kicker: '', title: 'H' },
  sentences,
  keywords: [],
});
const script: ScriptResult = {
  title: 'T',
  description: '',
  tags: [],
  language: 'en',
  source: 'llm',
  scenes: [
    scene('The deep sea glows.', 'Its animals make light in extraordinarily many colours.'),
    scene('Nobody knows why.'),
  ],
};

let fake: FakeOpenAi;
beforeAll(async () => {
  fake = await startFakeOpenAi();
});
beforeEach(() => fake.reset());
afterAll(() => fake.close());

/** The audio stage with the HTTP voice and the transcription, both on the fake. */
async function speak() {
  const stage = await testStage({ stage: 'audio_synthesis', results: { script_generation: script } });
  const account = accountOn(fake, { model: 'whisper-1' });
  const transcriber = createTranscriber(account, tools.ffmpeg);
  const work = createAudioSynthesis(
    voiceOn(fake, tools.ffmpeg).voice,
    { tools, musicDir: null },
    transcriber,
  );
  return { stage, running: work(stage.context).finally(() => stage.remove()) };
}

const evenly = (words: readonly { startMs: number; endMs: number }[]) => {
  const lengths = words.map(({ startMs, endMs }) => endMs - startMs);
  return Math.max(...lengths) - Math.min(...lengths) < 60;
};

test('words take the times that were heard and keep the words of the script; seconds are charged', async () => {
  const { stage, running } = await speak();
  const { result, providers } = await running;
  expect(stage.warnings).toEqual([]);
  expect(result.sentences.map(({ text }) => text)).toEqual(
    script.scenes.flatMap(({ sentences }) => sentences),
  );
  for (const { text, words, startMs, endMs } of result.sentences) {
    expect(words.map((word) => word.text).join(' ')).toBe(text);
    expect([words[0]?.startMs, words.at(-1)?.endMs]).toEqual([startMs, endMs]);
    // The fake hears every word equally long; the estimate would follow the letters.
    expect(evenly(words)).toBe(true);
  }
  expect(providers).toMatchObject({
    speech: expect.stringContaining('tts'),
    word_times: expect.stringContaining('whisper-1'),
  });
  expect(fake.requests.transcription[0]?.body).toEqual({
    model: 'whisper-1',
    response_format: 'verbose_json',
    'timestamp_granularities[]': 'word',
    language: 'en',
  });
  const seconds = stage.charges.filter(({ operation }) => operation === 'transcription');
  expect(seconds).toMatchObject([{ unit: 'second', quantity: Math.ceil(result.durationMs / 1000) }]);
  expect(priceUsage(paidPrices(), { ...seconds[0], quantity: 60 } as never)).toBe(6_000);
});

/** The words of a spoken WAV alone: what the audio stage does last. */
async function hear(overrides: { baseUrl?: string; model?: string; timeoutMs?: number } = {}) {
  const stage = await testStage();
  const wav = join(stage.root, 'narration.wav');
  await writeFile(wav, speechOf('The deep sea glows.'));
  const text = 'The deep sea glows.';
  const sentence = { text, scene: 0, startMs: 0, endMs: 1_200, words: timeWords(text, 0, 1_200) };
  const account = accountOn(fake, { model: 'whisper-1', timeoutMs: 30_000, ...overrides });
  const transcriber = createTranscriber(account, tools.ffmpeg);
  const narration = { sentences: [sentence], durationMs: 1_267 };
  const running = hearWords(transcriber, wav, narration, stage.context).finally(() => stage.remove());
  return { stage, sentence, running };
}

test.each<[string, Scripted, RegExp, number]>([
  ['an outage', { status: 503 }, /failed \(503\)/, 0],
  ['too many requests', { status: 429 }, /fewer requests/, 0],
  ['no such route', { status: 404, body: '' }, /\(404\)/, 0],
  // It was sent, and nobody knows whether it is billed.
  ['a hang', { hang: true }, /did not answer within/, 1],
  ['JSON without words', { body: { text: 'The deep sea glows.' } }, /without the times of words/, 1],
  [
    'another text',
    { body: { words: [{ word: 'um', start: 0, end: 1 }] } },
    /1 of 1 sentences are estimated/,
    1,
  ],
])(
  '%s costs the words their heard times, not the video its narration',
  async (_, scripted, warning, paid) => {
    fake.script('transcription', scripted);
    const { stage, sentence, running } = await hear(scripted.hang ? { timeoutMs: 2_000 } : {});
    expect(await running).toEqual([sentence]);
    expect(stage.warnings).toEqual([{ code: 'word_times', message: expect.stringMatching(warning) }]);
    expect(stage.charges).toHaveLength(paid);
    expect(fake.calls.transcription).toBe(1);
  },
);

test('a remote transcription without a price is not called', async () => {
  const { stage, running } = await hear({ baseUrl: 'https://hear.example/v1', model: 'whisper-big' });
  await running;
  expect(stage.warnings[0]?.message).toContain('no price for compatible, model whisper-big, per second');
});

test('a cancel ends the transcription on the wire', async () => {
  fake.script('transcription', { hang: true });
  const { stage, running } = await hear();
  const reason = new Error('cancelled by the test');
  const cancelled = eventually(
    () => fake.requests.transcription.length,
    (count) => count === 1,
  ).then(() => stage.abort(reason));
  await expect(running).rejects.toBe(reason);
  await cancelled;
});
