import { expect, test } from 'vitest';
import { readSecrets } from '../../../infra/settings/secrets.ts';

const OPENAI_API_KEY = 'sk-openai';

test('the OpenAI key is shown to a speech server of the same address alone', () => {
  expect(readSecrets({ OPENAI_API_KEY }).speech).toBe(OPENAI_API_KEY);
  const own = { OPENAI_API_KEY, SPEECH_BASE_URL: 'https://api.openai.com/v1' };
  expect(readSecrets(own).speech).toBe(OPENAI_API_KEY);
  const foreign = { OPENAI_API_KEY, SPEECH_BASE_URL: 'https://speech.example/v1' };
  expect(readSecrets(foreign).speech).toBeNull();
  expect(readSecrets({ ...foreign, SPEECH_API_KEY: 'its-own' }).speech).toBe('its-own');
  const proxy = {
    OPENAI_API_KEY,
    OPENAI_BASE_URL: 'https://p.example/v1',
    SPEECH_BASE_URL: 'https://p.example/tts',
  };
  expect(readSecrets(proxy).speech).toBe(OPENAI_API_KEY);
});
