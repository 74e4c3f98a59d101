import { text, url, variable } from './env-values.ts';
import { fallbacks } from './fallbacks.ts';

/** Who writes scripts, speaks, and gives footage, and what they cost. */
export const PROVIDERS = {
  OPENAI_API_KEY: variable(
    text,
    'Key of OpenAI: a language model writes the scripts, its voice speaks them. Without it both are made offline, for nothing.',
  ),
  OPENAI_BASE_URL: variable(
    url,
    "Any other server that speaks OpenAI's protocol (Ollama, vLLM, LM Studio, a proxy); such a server may need no key.",
    'https://api.openai.com/v1',
  ),
  OPENAI_MODEL: variable(
    text,
    'Model that writes scripts; it needs its row in the price list.',
    'gpt-4o-mini',
  ),
  SPEECH_API_KEY: variable(text, 'Key of the speech server where it is not the OpenAI key.'),
  SPEECH_BASE_URL: variable(url, 'Speech server with the path /audio/speech; without it OPENAI_BASE_URL.'),
  SPEECH_MODEL: variable(text, 'Model that speaks.', 'gpt-4o-mini-tts'),
  SPEECH_VOICE: variable(text, 'Voice of that model.', 'alloy'),
  TRANSCRIPTION_MODEL: variable(
    text,
    'Model that times the words of the narration; needs OPENAI_API_KEY.',
    'whisper-1',
  ),
  TTS_COMMAND: variable(
    text,
    'Command of a speech engine on this machine: a sentence on standard input, WAV on standard output.',
  ),
  PEXELS_API_KEY: variable(
    text,
    'Key of Pexels (free): footage instead of motion cards behind the narration.',
  ),
  PEXELS_BASE_URL: variable(url, 'Another server with the protocol of Pexels.', 'https://api.pexels.com'),
  FOOTAGE_HOSTS: variable(
    text,
    'Hosts that footage may be downloaded from, parted by commas.',
    'videos.pexels.com,player.vimeo.com',
  ),
  FALLBACKS: variable(
    fallbacks,
    'Who takes over, with a warning, while a service fails: speech=local, footage=cards, parted by commas. Without it the video waits.',
  ),
  PRICES_FILE: variable(
    text,
    'Prices of your own, in the form of infra/prices.json; they count before those.',
  ),
};
