import { join } from 'node:path';
import type { OpenAiAccount } from '../../../activities/providers/openai-account.ts';
import { createHttpSpeech } from '../../../activities/providers/speech-http.ts';
import type { Usage } from '../../../domain/results.ts';
import { projectRoot } from '../../../infra/project-root.ts';
import { FREE, testPay } from '../test-pay.ts';
import type { FakeOpenAi } from './openai.ts';

/** Program for TTS_COMMAND; its first argument says how it behaves: speak, hang, prose or fail. */
export const ENGINE = join(projectRoot, 'test/support/fakes/speech-engine.mjs');

export function accountOn(fake: FakeOpenAi, overrides: Partial<OpenAiAccount> = {}): OpenAiAccount {
  const settings = { key: 'SPEECH_API_KEY', model: 'SPEECH_MODEL', url: 'SPEECH_BASE_URL' };
  return { baseUrl: fake.url, apiKey: 'sk-test', model: 'gpt-4o-mini-tts', settings, ...overrides };
}

/** The real HTTP voice on the fake, at the real one's prices, with the charges that it makes. */
export function voiceOn(fake: FakeOpenAi, ffmpeg: string, overrides: Partial<OpenAiAccount> = {}) {
  const charges: Usage[] = [];
  const account = accountOn(fake, overrides);
  return {
    voice: createHttpSpeech({ account, voice: 'alloy', ffmpeg }),
    charges,
    paying: { ...FREE, pay: testPay(charges) },
  };
}
