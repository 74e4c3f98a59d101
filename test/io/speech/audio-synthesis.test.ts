import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { beforeAll, expect, test } from 'vitest';
import { measureLoudness } from '../../../activities/audio/loudness.ts';
import { readWav } from '../../../activities/audio/wav.ts';
import { createAudioSynthesis } from '../../../activities/audio-synthesis.ts';
import { createOfflineLlm } from '../../../activities/providers/llm-offline.ts';
import type { NarrationSpeeds } from '../../../activities/providers/narration-speeds.ts';
import { chooseSpeech } from '../../../activities/providers/speech.ts';
import type { StageContext, StageProduct } from '../../../activities/stage.ts';
import { countWords } from '../../../activities/text/words.ts';
import type { ScriptResult } from '../../../domain/results.ts';
import { createLogger } from '../../../infra/logger.ts';
import { loadPrices } from '../../../infra/money/prices.ts';
import { NO_SECRETS } from '../../../infra/settings/secrets.ts';
import { tempFolders } from '../../support/temp-folders.ts';
import { anOrder } from '../../support/test-deps.ts';
import { testPay } from '../../support/test-pay.ts';

const tools = {
  ffmpeg: process.env['FFMPEG_PATH'] ?? 'ffmpeg',
  ffprobe: process.env['FFPROBE_PATH'] ?? 'ffprobe',
  ttsPython: process.env['TTS_PYTHON'] || null,
  espeak: process.env['ESPEAK_PATH'] || null,
};
const providers = { chat: null, speech: null, transcription: null, ttsCommand: null, footage: null };
const offline = { config: { tools, providers }, secrets: NO_SECRETS, prices: loadPrices() };
const never = new AbortController().signal;
const folder = tempFolders('audio-test-');

const { prompt: _, ...rest } = anOrder();
const order = { ...rest, article: readFileSync('examples/deep-sea.md', 'utf8') };

let script: ScriptResult;
let product: StageProduct<'audio_synthesis'>;
let narration: string;
const progress: number[] = [];
const warnings: string[] = [];
const measured: { words: number; seconds: number }[] = [];
const speeds: Pick<NarrationSpeeds, 'note'> = { note: async (_, __, each) => void measured.push(each) };

beforeAll(async () => {
  ({ script } = await createOfflineLlm().write(order, { signal: never, pay: testPay() }));
  product = await createAudioSynthesis(
    chooseSpeech(offline),
    { tools, musicDir: null },
    null,
    speeds,
  )(contextFor(script));
});

test('the narration of the example article lasts the ordered minute within a tenth', () => {
  expect(product.result.durationMs).toBeGreaterThan(54_000);
  expect(product.result.durationMs).toBeLessThan(66_000);
});

test('the voice is told its own speed: words of the script over the seconds before the pace was fitted', () => {
  const words = countWords(script.scenes.flatMap(({ sentences }) => sentences).join(' '));
  expect(measured.map((each) => each.words)).toEqual([words]);
  expect(words / (measured[0]?.seconds ?? 0)).toBeGreaterThan(2);
  expect(words / (measured[0]?.seconds ?? 0)).toBeLessThan(4);
});

test('the file is 48 kHz mono and as long as the clock says, to the millisecond', async () => {
  const { rate, samples } = await readWav(narration);
  expect(rate).toBe(48_000);
  expect(Math.abs((samples.length / rate) * 1000 - product.result.durationMs)).toBeLessThanOrEqual(1);
});

test('loudness is -14 LUFS within half a unit, true peak at most -1.5 dBTP, and the result says what was measured', async () => {
  const measured = await measureLoudness(tools.ffmpeg, narration, never);
  expect(measured.lufs).toBeGreaterThanOrEqual(-14.5);
  expect(measured.lufs).toBeLessThanOrEqual(-13.5);
  expect(measured.truePeakDbtp).toBeLessThanOrEqual(-1.5);
  expect(product.result.loudnessLufs).toBe(measured.lufs);
  expect(product.result.truePeakDbtp).toBe(measured.truePeakDbtp);
  expect(warnings).toEqual([]);
});

test('sentences are the script in order, words fill their sentence, and nothing overlaps', () => {
  const { sentences } = product.result;
  expect(sentences.map(({ text }) => text)).toEqual(script.scenes.flatMap((scene) => scene.sentences));
  sentences.forEach((sentence, index) => {
    const before = sentences[index - 1];
    if (before) expect(sentence.startMs - before.endMs).toBeGreaterThanOrEqual(199);
    expect(sentence.words.map(({ text }) => text).join(' ')).toBe(sentence.text);
    expect(sentence.words[0]?.startMs).toBe(sentence.startMs);
    expect(sentence.words.at(-1)?.endMs).toBe(sentence.endMs);
  });
});

test('the sound is where the clock says: silent in the pauses, audible in each sentence', async () => {
  const { rate, samples } = await readWav(narration);
  const loudest = (fromMs: number, toMs: number) =>
    samples
      .subarray(Math.round((fromMs * rate) / 1000), Math.round((toMs * rate) / 1000))
      .reduce((peak, sample) => Math.max(peak, Math.abs(sample)), 0);
  const { sentences, durationMs } = product.result;
  sentences.forEach(({ startMs, endMs }, index) => {
    const next = sentences[index + 1]?.startMs ?? durationMs;
    expect(loudest(startMs, endMs)).toBeGreaterThan(3_000);
    expect(loudest(endMs + 40, next - 40)).toBeLessThan(300);
  });
});

test('scenes start at 0 and then in the pause before their first sentence', () => {
  const { sceneStartsMs, sentences } = product.result;
  expect(sceneStartsMs).toHaveLength(script.scenes.length);
  expect(sceneStartsMs[0]).toBe(0);
  sceneStartsMs.slice(1).forEach((start, index) => {
    const first = sentences.findIndex(({ scene }) => scene === index + 1);
    const gap = [sentences[first - 1]?.endMs ?? 0, sentences[first]?.startMs ?? 0] as const;
    expect(Math.abs(start - (gap[0] + gap[1]) / 2)).toBeLessThanOrEqual(1);
  });
});

test('progress grows to 1, and the usage names the engine that spoke', () => {
  expect(progress).toEqual([...progress].sort((a, b) => a - b));
  expect(progress.at(-1)).toBe(1);
  expect(progress.length).toBeGreaterThan(script.scenes.length);
  expect(product.usage.map(({ provider }) => provider)).toEqual([product.providers['speech']]);
});

/** A context whose store is the work folder itself. */
function contextFor(written: ScriptResult): StageContext {
  const workDir = folder();
  return {
    videoId: 'v',
    stage: 'audio_synthesis',
    triesLeft: 3,
    madeBefore: 0,
    order,
    lane: 'cpu',
    card: null,
    workDir,
    signal: never,
    results: { script_generation: written },
    log: createLogger('fatal', 'test'),
    progress: (share) => progress.push(share),
    fetch: async (ref) => ref.key,
    publish: async (path) => {
      narration = path;
      const sha256 = createHash('sha256').update(readFileSync(path)).digest('hex');
      return { key: path, sha256, bytes: statSync(path).size };
    },
    kept: { find: async () => null, keep: async (path) => path },
    pay: testPay(),
    share: async (path) => ({ key: path, sha256: '', bytes: 0 }),
    bill: () => Promise.reject(new Error('no bill in this test')),
    warn: (code) => warnings.push(code),
  };
}
