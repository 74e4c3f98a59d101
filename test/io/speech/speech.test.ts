import { execFileSync } from 'node:child_process';
import { existsSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { readWav } from '../../../activities/audio/wav.ts';
import { chooseSpeech, type SpeechProvider } from '../../../activities/providers/speech.ts';
import { createCommandSpeech } from '../../../activities/providers/speech-command.ts';
import { createEspeak } from '../../../activities/providers/speech-espeak.ts';
import { createFlite } from '../../../activities/providers/speech-flite.ts';
import { createHibari } from '../../../activities/providers/speech-hibari.ts';
import { createHttpSpeech } from '../../../activities/providers/speech-http.ts';
import type { Usage } from '../../../domain/results.ts';
import { loadPrices, priceUsage } from '../../../infra/money/prices.ts';
import type { Config } from '../../../infra/settings/config.ts';
import { NO_SECRETS } from '../../../infra/settings/secrets.ts';
import { startFakeOpenAi } from '../../support/fakes/openai.ts';
import { accountOn, ENGINE } from '../../support/fakes/openai-voice.ts';
import { tempFolders } from '../../support/temp-folders.ts';
import { FREE, testPay } from '../../support/test-pay.ts';

const ffmpeg = process.env['FFMPEG_PATH'] ?? 'ffmpeg';
const ttsPython = process.env['TTS_PYTHON'] || null;
const espeak = process.env['ESPEAK_PATH'] || null;
const tools = { ffmpeg, ffprobe: 'ffprobe', ttsPython, espeak };
const never = new AbortController().signal;
const prices = loadPrices();
const NOTHING = { chat: null, speech: null, transcription: null, ttsCommand: null, footage: null };
const fake = await startFakeOpenAi();
afterAll(() => fake.close());

const folder = tempFolders("speech it's 100%: ");

function choose(changed: Partial<Config['tools']>, providers: Partial<Config['providers']> = {}) {
  const config = { tools: { ...tools, ...changed }, providers: { ...NOTHING, ...providers } };
  return chooseSpeech({ config, secrets: NO_SECRETS });
}

const SENTENCES = [
  'The deep sea glows.',
  'Its depth is 3,700 metres, "on average"; that\'s $5 or 100% of \\nothing: [all] of it.',
  'Café, naïve and a dash – spoken.',
];

/** Every voice of this machine passes the same suite; flite comes with the ffmpeg that the tests need. */
const voices: SpeechProvider[] = [
  createFlite(ffmpeg),
  ...(ttsPython ? [createHibari(ttsPython)] : []),
  ...(espeak ? [createEspeak(espeak)] : []),
  createCommandSpeech(`node ${ENGINE} speak`, ffmpeg),
  createHttpSpeech({ account: accountOn(fake), voice: 'alloy', ffmpeg }),
];

describe.each(voices.map((voice) => ({ name: voice.name, voice })))('$name', ({ voice }) => {
  test('writes one audible file a sentence, in order and of one sample rate', async () => {
    const dir = folder();
    const done: number[] = [];
    const onSentence = (count: number) => done.push(count);
    const { files } = await voice.speak(SENTENCES, dir, { signal: never, onSentence, ...FREE });
    const sounds = await Promise.all(files.map(readWav));
    const seconds = sounds.map(({ rate, samples }) => samples.length / rate);
    expect(files).toHaveLength(3);
    expect(new Set(sounds.map(({ rate }) => rate)).size).toBe(1);
    expect(seconds[0]).toBeGreaterThan(0.6);
    expect(seconds[0]).toBeLessThan(4);
    expect(seconds[1]).toBeGreaterThan(seconds[0] ?? 0);
    expect(done).toEqual([1, 2, 3]);
  });

  test('counts the characters that it spoke', async () => {
    const charged: Usage[] = [];
    const { usage } = await voice.speak(['Hello there.', 'You.'], folder(), {
      signal: never,
      ...FREE,
      pay: testPay(charged),
    });
    const lines = [...charged, ...usage];
    expect(lines.reduce((sum, { quantity }) => sum + quantity, 0)).toBe(16);
    for (const line of lines) {
      expect(line).toMatchObject({ service: 'tts', unit: 'character' });
      expect(priceUsage(prices, line)).toBe(0);
    }
  });

  test('names the sentence that it cannot read', async () => {
    const spoken = voice.speak(['Fine.', '…'], folder(), { signal: never, ...FREE });
    await expect(spoken).rejects.toMatchObject({
      kind: 'invalid_input',
      message: expect.stringContaining('"…"'),
    });
  });

  test('stops when it is cancelled', async () => {
    const cancel = new AbortController();
    const reason = new Error('cancelled by the test');
    const spoken = voice.speak(Array<string>(200).fill(SENTENCES[1] ?? ''), folder(), {
      signal: cancel.signal,
      onSentence: () => cancel.abort(reason),
      ...FREE,
    });
    await expect(spoken).rejects.toBe(reason);
  });
});

test('words in a script that the voice does not know are refused, not spoken as silence', async () => {
  const spoken = createFlite(ffmpeg).speak(['深い海は光る。'], folder(), { signal: never, ...FREE });
  await expect(spoken).rejects.toMatchObject({ name: 'StageError', kind: 'invalid_input' });
});

test('without a Python the voice is the one inside ffmpeg, and its name says so', async () => {
  const voice = choose({ ttsPython: null, espeak: null });
  const { files } = await voice.speak(['One.'], folder(), { signal: never, ...FREE });
  expect(voice.name).toBe('flite');
  expect(statSync(files[0] ?? '').size).toBeGreaterThan(10_000);
});

test('with a Python the voice is the neural one', () => {
  expect(choose({ ttsPython: '/somewhere/python' }).name).toBe('hibari-tts');
});

test('speech over HTTP goes before TTS_COMMAND, and that before the voices of the machine', () => {
  const speech = { baseUrl: 'https://api.openai.com/v1', model: 'gpt-4o-mini-tts', voice: 'alloy' };
  const ttsCommand = '"/opt/my voices/piper" --model x';
  const both = choose({ ttsPython: '/somewhere/python' }, { speech, ttsCommand });
  expect(both.name).toBe('openai gpt-4o-mini-tts (alloy)');
  expect(choose({ ttsPython: '/somewhere/python' }, { ttsCommand }).name).toBe('tts-command (piper)');
});

test('an order chooses among the voices of the machine, and the result says who spoke', async () => {
  const speech = choose({ ttsPython: null });
  const spoken = (voice?: string) => speech.speak(['One.'], folder(), { signal: never, voice, ...FREE });
  expect((await spoken('flite')).by).toBe('flite');
  if (espeak) expect((await spoken('espeak-ng')).by).toBe('espeak-ng');
  expect((await spoken('a voice of another service')).by).toBe('flite');
  await expect(spoken('emma')).rejects.toThrow('the voice "emma" needs Python 3.10 or newer');
});

test('speech over HTTP takes the voice of the order', async () => {
  const http = createHttpSpeech({ account: accountOn(fake), voice: 'alloy', ffmpeg });
  const context = { signal: never, voice: 'nova', ...FREE };
  expect((await http.speak(['One.'], folder(), context)).by).toMatch(/ \(nova\)$/u);
});

test.runIf(ttsPython)('the neural voice says the same again, unless its narration was dropped', async () => {
  const voice = createHibari(ttsPython ?? '');
  const heard = async (madeBefore: number) => {
    const { files } = await voice.speak(['The deep sea glows.'], folder(), {
      signal: never,
      madeBefore,
      ...FREE,
    });
    return (await readWav(files[0] ?? '')).samples;
  };
  const first = await heard(0);
  expect(await heard(0)).toEqual(first);
  expect(await heard(1)).not.toEqual(first);
});

describe.runIf(ttsPython)('voices that the neural one fetches', () => {
  /** The voice's Python with a cache of its own, and a network that refuses everything. */
  function pythonWith(home: string): string {
    const python = join(folder(), 'python');
    const script = `#!/bin/sh\nHIBARI_HOME="${home}" https_proxy=http://127.0.0.1:1 exec "${ttsPython}" "$@"\n`;
    writeFileSync(python, script, { mode: 0o755 });
    return python;
  }

  test('where the network refuses, one line says which voice and what to do', async () => {
    const spoken = createHibari(pythonWith(folder()), 'emma').speak(['One.'], folder(), {
      signal: never,
      ...FREE,
    });
    await expect(spoken).rejects.toMatchObject({
      kind: 'connection',
      message: expect.stringMatching(/^the voice "emma" cannot be fetched: .*copy the file to [^\n]*$/u),
    });
  });

  test('a model with another checksum is removed and never opened', async () => {
    const home = folder();
    const model = join(home, 'bf_emma.int8.onnx');
    writeFileSync(model, 'not the model');
    const spoken = createHibari(pythonWith(home), 'emma').speak(['One.'], folder(), {
      signal: never,
      ...FREE,
    });
    await expect(spoken).rejects.toThrow('cannot be fetched');
    expect(existsSync(model)).toBe(false);
  });
});

test('a machine without any voice says what to install', async () => {
  const dumb = join(folder(), 'ffmpeg');
  execFileSync('sh', ['-c', 'printf "#!/bin/sh\\nexit 1\\n" > "$1" && chmod +x "$1"', 'sh', dumb]);
  const voice = choose({ ffmpeg: dumb, ttsPython: null, espeak: null });
  await expect(voice.speak(['One.'], folder(), { signal: never, ...FREE })).rejects.toThrow(
    /no voice was found: install/,
  );
});
