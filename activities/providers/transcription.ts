import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { toFile } from 'openai';
import { z } from 'zod';
import { StageError } from '../../domain/errors.ts';
import type { Usage } from '../../domain/results.ts';
import { runChild } from '../child.ts';
import type { StageContext } from '../stage.ts';
import { accountName, callOpenAi, type OpenAiAccount, payeeOf } from './openai-account.ts';
import type { ProviderSettings } from './provider-settings.ts';
import type { HeardWord } from './transcription-align.ts';

/** The words are worth a wait, but not the stage's time. */
const TIMEOUT_MS = 30_000;
/** What the model hears with; a narration of ten minutes stays below the service's 25 MB. */
const SOUND = ['-ac', '1', '-ar', '16000', '-c:a', 'pcm_s16le'];
const QUIET = ['-hide_banner', '-loglevel', 'error', '-nostdin', '-y'];

interface TranscriptionContext extends Pick<StageContext, 'workDir' | 'signal' | 'pay'> {
  /** BCP 47 language of the narration. */
  language: string;
}

/** Hears when each word of a narration is spoken. */
export interface Transcriber {
  name: string;
  /**
   * The words of a WAV of that length, with their times in it, paid by the second. Throws a StageError when it has not, or not with words.
   */
  hear(wav: string, durationMs: number, context: TranscriptionContext): Promise<HeardWord[]>;
}

/** Transcription where a key is set, whoever spoke, else null: then words share out their sentence. */
export function chooseTranscriber({ config, secrets }: ProviderSettings): Transcriber | null {
  const { transcription } = config.providers;
  if (!transcription) return null;
  const settings = { key: 'OPENAI_API_KEY', model: 'TRANSCRIPTION_MODEL', url: 'OPENAI_BASE_URL' };
  const account = { ...transcription, apiKey: secrets.openai, settings, timeoutMs: TIMEOUT_MS };
  return createTranscriber(account, config.tools.ffmpeg);
}

export function createTranscriber(account: OpenAiAccount, ffmpeg: string): Transcriber {
  return {
    name: accountName(account),
    hear: async (wav, durationMs, { workDir, language, signal, pay }) => {
      const path = join(workDir, 'transcribe.wav');
      await runChild(ffmpeg, [...QUIET, '-i', wav, ...SOUND, path], { signal });
      const sound = await readFile(path);
      const usage = secondsOf(account, durationMs);
      const sha256 = createHash('sha256').update(sound).digest('hex');
      return pay<HeardWord[]>({
        kind: 'transcription',
        inputs: [account.baseUrl, language, sha256],
        most: [usage],
        shared: 'video',
        async send() {
          const heard = readWords(await transcribe(account, sound, language, signal), account);
          return { usage: [usage], ...(heard instanceof StageError ? { failed: heard } : { answer: heard }) };
        },
      });
    },
  };
}

async function transcribe(
  account: OpenAiAccount,
  sound: Buffer,
  language: string,
  signal: AbortSignal,
): Promise<string> {
  const file = await toFile(sound, 'narration.wav', { type: 'audio/wav' });
  return callOpenAi(account, signal, async (client, options) => {
    const request = { file, model: account.model, response_format: 'verbose_json' as const };
    const words = { timestamp_granularities: ['word' as const], ...isoLanguage(language) };
    const call = client.audio.transcriptions.create({ ...request, ...words }, options);
    return (await call.asResponse()).text();
  });
}

const transcript = z.object({
  words: z.array(z.object({ word: z.string(), start: z.number(), end: z.number() })).min(1),
});

function readWords(body: string, account: OpenAiAccount): HeardWord[] | StageError {
  const read = transcript.safeParse(parse(body));
  if (!read.success) {
    return new StageError('invalid_response', `${accountName(account)} answered without the times of words`);
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
