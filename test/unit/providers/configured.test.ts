import { expect, test } from 'vitest';
import { chooseTranscriber } from '../../../activities/providers/transcription.ts';
import { configuredProviders } from '../../../infra/providers/configured.ts';
import { providersConfig } from '../../../infra/settings/providers-config.ts';
import { NO_SECRETS } from '../../../infra/settings/secrets.ts';

const OPENAI = 'https://api.openai.com/v1';
const none = { chat: null, speech: null, transcription: null, ttsCommand: null, footage: null };
const all = {
  ...none,
  chat: { baseUrl: OPENAI, model: 'm' },
  speech: { baseUrl: 'http://127.0.0.1:8880/v1', model: 'm', voice: 'v' },
  transcription: { baseUrl: 'https://elsewhere.example/v1', model: 'm' },
  footage: { baseUrl: 'https://api.pexels.com', hosts: [] },
};

test('what is made on this machine has no gate', () => {
  expect(configuredProviders({ providers: none, fallbacks: {} }, NO_SECRETS)).toEqual([]);
});

test('the words of a command of the operator are heard where a key is set', () => {
  const providers = providersConfig({ OPENAI_API_KEY: 'sk-one', TTS_COMMAND: 'piper' });
  expect(providers).toMatchObject({ speech: null, ttsCommand: 'piper' });
  const named = configuredProviders({ providers, fallbacks: {} }, NO_SECRETS);
  expect(named.map(({ name }) => name)).toEqual(['openai-chat', 'openai-transcription']);
  const tools = { ffmpeg: 'ffmpeg', ffprobe: 'ffprobe', ttsPython: null, espeak: null };
  const choose = (key: boolean) =>
    chooseTranscriber({
      config: { tools, providers: key ? providers : providersConfig({ TTS_COMMAND: 'piper' }) },
      secrets: NO_SECRETS,
    });
  expect(choose(true)?.name).toBe('openai whisper-1');
  expect(choose(false)).toBeNull();
});

test('a service is named after whose it is and what it does', () => {
  const named = configuredProviders({ providers: all, fallbacks: {} }, NO_SECRETS);
  expect(named.map(({ name, standIn }) => [name, standIn])).toEqual([
    ['openai-chat', null],
    ['loopback-speech', null],
    ['compatible-transcription', 'any'],
    ['pexels', null],
  ]);
});

test('a voice of this machine stands in for English alone, a command of the operator and cards for all', () => {
  const fallbacks = { speech: 'local', footage: 'cards' } as const;
  const standIns = (ttsCommand: string | null) =>
    configuredProviders({ providers: { ...all, ttsCommand }, fallbacks }, NO_SECRETS).map(
      ({ standIn }) => standIn,
    );
  expect(standIns(null)).toEqual([null, 'en', 'any', 'any']);
  expect(standIns('piper')).toEqual([null, 'any', 'any', 'any']);
});

test('another key is another account, and neither is in it', () => {
  const mark = (openai: string) =>
    configuredProviders({ providers: all, fallbacks: {} }, { ...NO_SECRETS, openai })[0]?.account;
  expect(mark('sk-one')).not.toBe(mark('sk-two'));
  expect(mark('sk-one')).toMatch(/^[0-9a-f]{16}$/);
});
