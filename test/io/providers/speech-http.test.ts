import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { readWav } from '../../../activities/audio/wav.ts';
import { priceUsage } from '../../../infra/money/prices.ts';
import { type FakeOpenAi, type Scripted, startFakeOpenAi } from '../../support/fakes/openai.ts';
import { voiceOn } from '../../support/fakes/openai-voice.ts';
import { paidPrices } from '../../support/fakes/paid-prices.ts';
import { latch } from '../../support/latch.ts';
import { tempFolders } from '../../support/temp-folders.ts';
import { eventually } from '../../support/test-pipeline.ts';

const ffmpeg = process.env['FFMPEG_PATH'] ?? 'ffmpeg';
const never = new AbortController().signal;
const folder = tempFolders('speech-http-');
const SENTENCES = Array.from({ length: 20 }, (_, n) => `This is sentence number ${n + 1}.`);

let fake: FakeOpenAi;
beforeAll(async () => {
  fake = await startFakeOpenAi();
});
beforeEach(() => fake.reset());
afterAll(() => fake.close());

test('speaks eight sentences at once and no more, in order of the script', async () => {
  const gate = latch();
  fake.script('speech', ...Array.from({ length: 8 }, () => ({ after: gate.opened })));
  const { voice, paying } = voiceOn(fake, ffmpeg);
  const speaking = voice.speak(SENTENCES, folder(), { signal: never, ...paying });
  await eventually(
    () => fake.calls.speech,
    (calls) => calls === 8,
  );
  gate.open();
  const { files } = await speaking;
  expect(fake.calls.speech).toBe(20);
  const seconds = await Promise.all(files.map(async (file) => (await readWav(file)).samples.length / 24_000));
  for (const [n, length] of seconds.entries())
    expect(length).toBeCloseTo((SENTENCES[n] ?? '').length / 15, 1);
  expect(fake.requests.speech[0]?.body).toEqual({
    model: 'gpt-4o-mini-tts',
    voice: 'alloy',
    input: SENTENCES[0],
    response_format: 'wav',
  });
});

test('a sentence that is said twice is asked for and paid once, however many are spoken at once', async () => {
  const { voice, paying, charges } = voiceOn(fake, ffmpeg);
  const said = ['Once more.', 'Something else.', 'Once more.', 'Once more.'];
  const told: number[] = [];
  const onSentence = (done: number) => told.push(done);
  const { files } = await voice.speak(said, folder(), { signal: never, ...paying, onSentence });
  expect(fake.calls.speech).toBe(2);
  expect(new Set(charges.map(({ quantity }) => quantity))).toEqual(new Set([10, 15]));
  expect(charges).toHaveLength(2);
  const sounds = await Promise.all(files.map((file) => readWav(file)));
  expect(sounds[2]?.samples).toEqual(sounds[0]?.samples);
  expect(sounds[3]?.samples).toEqual(sounds[0]?.samples);
  expect(told.at(-1)).toBe(4);
});

test('each spoken sentence is charged by its characters, also those before and beside a failure', async () => {
  fake.script('speech', {}, {}, { status: 500 });
  const { voice, paying, charges } = voiceOn(fake, ffmpeg);
  const speaking = voice.speak(SENTENCES, folder(), { signal: never, ...paying });
  await expect(speaking).rejects.toMatchObject({ kind: 'server_error' });
  expect(charges.length).toBe(fake.calls.speech - 1);
  expect(charges.length).toBeLessThan(20);
  expect(charges[0]).toMatchObject({ service: 'tts', provider: 'loopback', unit: 'character' });
  expect(priceUsage(paidPrices(), { ...charges[0], quantity: 1000 } as never)).toBe(20_500);
});

test('a stereo MP3 of another rate becomes the same kind of file as the rest', async () => {
  const mp3 = join(folder(), 'a.mp3');
  const tone = ['-f', 'lavfi', '-i', 'sine=frequency=300:duration=1', '-ac', '2', '-ar', '44100'];
  execFileSync(ffmpeg, ['-loglevel', 'error', ...tone, mp3]);
  fake.script('speech', { body: readFileSync(mp3) });
  const { voice, paying } = voiceOn(fake, ffmpeg);
  const dir = folder();
  const { files } = await voice.speak(['One.', 'Two.'], dir, { signal: never, ...paying });
  const sounds = await Promise.all(files.map(readWav));
  expect(sounds.map(({ rate }) => rate)).toEqual([24_000, 24_000]);
  expect(await readdir(dir)).toHaveLength(2);
});

const PLAYLIST = '#EXTM3U\n#EXTINF:1,\nfile:///etc/hostname\n#EXT-X-ENDLIST\n';

test.each<[string, Scripted, string, RegExp]>([
  ['HTML', { body: '<html>busy</html>' }, 'invalid_response', /something that is not sound/],
  ['nothing', { body: Buffer.alloc(0) }, 'invalid_response', /something that is not sound/],
  ['a playlist of local files', { body: PLAYLIST }, 'invalid_response', /something that is not sound/],
  ['a wrong key', { status: 401 }, 'provider_account', /refused the key \(401\): set SPEECH_API_KEY/],
  ['too many requests', { status: 429, headers: { 'retry-after': '3' } }, 'rate_limited', /fewer requests/],
  ['a hang', { hang: true }, 'timeout', /did not answer within 2 s/],
  ['a body that hangs half-way', { cut: true }, 'connection', /connection to .* failed/],
])('%s instead of sound is one clear failure', async (_, scripted, kind, message) => {
  fake.script('speech', scripted);
  const { voice, paying } = voiceOn(fake, ffmpeg, { timeoutMs: scripted.hang ? 2_000 : 30_000 });
  const speaking = voice.speak(['One.'], folder(), { signal: never, ...paying });
  await expect(speaking).rejects.toMatchObject({
    name: 'StageError',
    kind,
    message: expect.stringMatching(message),
  });
  expect(fake.calls.speech).toBe(1);
});

test('sound that could not be used is charged too', async () => {
  fake.script('speech', { body: '<html>busy</html>' });
  const { voice, paying, charges } = voiceOn(fake, ffmpeg);
  await expect(voice.speak(['One.'], folder(), { signal: never, ...paying })).rejects.toThrow();
  expect(charges).toMatchObject([{ quantity: 4, unit: 'character' }]);
});

test('a sentence without words is refused before anything is paid', async () => {
  const { voice, paying } = voiceOn(fake, ffmpeg);
  await expect(voice.speak(['One.', '…'], folder(), { signal: never, ...paying })).rejects.toThrow('"…"');
  expect(fake.calls.speech).toBe(0);
});

test('a remote voice without a price is refused before it is called', async () => {
  const { voice, paying } = voiceOn(fake, ffmpeg, { baseUrl: 'https://speech.example/v1', model: 'kokoro' });
  await expect(voice.speak(['One.'], folder(), { signal: never, ...paying })).rejects.toMatchObject({
    kind: 'invalid_input',
    message: expect.stringContaining('no price for compatible, model kokoro, per character'),
  });
});

test('a cancel ends all calls that are under way on the wire', async () => {
  fake.script('speech', ...Array.from({ length: 8 }, () => ({ hang: true })));
  const cancel = new AbortController();
  const reason = new Error('cancelled by the test');
  const { voice, paying, charges } = voiceOn(fake, ffmpeg);
  const speaking = voice.speak(SENTENCES, folder(), { signal: cancel.signal, ...paying });
  await eventually(
    () => fake.requests.speech.length,
    (count) => count === 8,
  );
  cancel.abort(reason);
  await expect(speaking).rejects.toBe(reason);
  await eventually(
    () => fake.aborted.speech,
    (aborted) => aborted === 8,
  );
  expect(fake.calls.speech).toBe(8);
  // Nobody knows which of them were spoken.
  expect(charges).toHaveLength(8);
});
