import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { toFile } from 'openai';
import { z } from 'zod';
import { StageError } from '../../domain/errors.ts';
import type { Usage } from '../../domain/results.ts';
import type { PriceList } from '../../infra/prices.ts';
import { runChild } from '../child.ts';
import { accountName, callOpenAi, type OpenAiAccount, payeeOf } from './openai-account.ts';
import { requirePrices } from './openai-prices.ts';
import type { ProviderSettings } from './provider-settings.ts';
import type { HeardWord } from './transcription-align.ts';

/** The words are worth a wait, but not the stage's time. */
const TIMEOUT_MS = 30_000;
/** What the model hears with; a narration of ten minutes stays below the service's 25 MB. */
const SOUND = ['-ac', '1', '-ar', '16000', '-c:a', 'pcm_s16le'];
const QUIET = ['-hide_banner', '-loglevel', 'error', '-nostdin', '-y'];

interface TranscriptionContext {
  workDir: string;
  /** BCP 47 language of the narration. */
  language: string;
  signal: AbortSignal;
  charge(usage: readonly Usage[]): Promise<void>;
}

/** Hears when each word of a narration is spoken. */
export interface Transcriber {
  name: string;
  /**
   * The words of a WAV of that length, with their times in it. Charged by the second as soon as the service has
   * answered. Throws a StageError when it has not, or not with words.
   */
  hear(wav: string, durationMs: number, context: TranscriptionContext): Promise<HeardWord[]>;
}

/** Transcription where a key is set and the voice spoke over HTTP, else null: then words share out their sentence. */
export function chooseTranscriber({ config, secrets, prices }: ProviderSettings): Transcriber | null {
  const { transcription, speech } = config.providers;
  if (!transcription || !speech) return null;
  const settings = { key: 'OPENAI_API_KEY', model: 'TRANSCRIPTION_MODEL', url: 'OPENAI_BASE_URL' };
  const account = { ...transcription, apiKey: secrets.openai, settings, timeoutMs: TIMEOUT_MS };
  return createTranscriber(account, prices, config.tools.ffmpeg);
}

export function createTranscriber(account: OpenAiAccount, prices: PriceList, ffmpeg: string): Transcriber {
  return {
    name: accountName(account),
    hear: async (wav, durationMs, { workDir, language, signal, charge }) => {
      const usage = secondsOf(account, durationMs);
      requirePrices(prices, [usage]);
      const sound = join(workDir, 'transcribe.wav');
      await runChild(ffmpeg, [...QUIET, '-i', wav, ...SOUND, sound], { signal });
      const file = await toFile(await readFile(sound), 'narration.wav', { type: 'audio/wav' });
      return callOpenAi(account, signal, async (client, options) => {
        const request = { file, model: account.model, response_format: 'verbose_json' as const };
        const words = { timestamp_granularities: ['word' as const], ...isoLanguage(language) };
        const call = client.audio.transcriptions.create({ ...request, ...words }, options);
        const response = await call.asResponse();
        await charge([usage]);
        return readWords(await response.text(), account);
      });
    },
  };
}

const transcript = z.object({
  words: z.array(z.object({ word: z.string(), start: z.number(), end: z.number() })).min(1),
});

function readWords(body: string, account: OpenAiAccount): HeardWord[] {
  const read = transcript.safeParse(parse(body));
  if (!read.success) {
    throw new StageError('invalid_response', `${accountName(account)} answered without the times of words`);
  }
  return read.data.words.map(({ word, start, end }) => ({
    text: word,
    startMs: Math.round(start * 1000),
    endMs: Math.round(end * 1000),
  }));
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return null;
  }
}

/** The service knows two-letter codes alone; without one it listens for itself. */
function isoLanguage(language: string): { language?: string } {
  const [primary = ''] = language.toLowerCase().split('-');
  return primary.length === 2 ? { language: primary } : {};
}

function secondsOf(account: OpenAiAccount, durationMs: number): Usage {
  return {
    service: 'openai',
    operation: 'transcription',
    provider: payeeOf(account.baseUrl),
    model: account.model,
    quantity: Math.ceil(durationMs / 1000),
    unit: 'second',
  };
}
