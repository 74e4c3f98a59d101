import { writeFile } from 'node:fs/promises';
import type { PriceList } from '../../infra/prices.ts';
import { inParallel } from './in-parallel.ts';
import { accountName, callOpenAi, type OpenAiAccount, payeeOf } from './openai-account.ts';
import { requirePrices } from './openai-prices.ts';
import type { SpeechContext, SpeechProvider } from './speech.ts';
import { prepareFiles, requireSound, requireWords, speechUsage } from './speech-files.ts';
import { settleSound } from './speech-sound.ts';

const AT_ONCE = 8;

export interface HttpVoice {
  account: OpenAiAccount;
  voice: string;
  prices: PriceList;
  ffmpeg: string;
}

/**
 * Speech by OpenAI, or any server that speaks its protocol: a call a sentence, eight at once. Each sentence is
 * charged by its characters as soon as the server says that it has spoken it.
 */
export function createHttpSpeech(http: HttpVoice): SpeechProvider {
  const { account, voice, prices } = http;
  return {
    name: `${accountName(account)} (${voice})`,
    speak: async (sentences, dir, context) => {
      requirePrices(prices, [usageOf(account, '')]);
      for (const sentence of sentences) requireWords(sentence);
      const files = await prepareFiles(sentences, dir);
      let done = 0;
      await inParallel(sentences, AT_ONCE, context.signal, async (sentence, index) => {
        await speakOne(http, sentence, files[index] ?? '', context);
        done += 1;
        context.onSentence?.(done);
      });
      return { files, usage: [] };
    },
  };
}

async function speakOne(
  { account, voice, ffmpeg }: HttpVoice,
  sentence: string,
  file: string,
  { signal, charge }: SpeechContext,
): Promise<void> {
  const sound = await callOpenAi(account, signal, async (client, options) => {
    const request = { model: account.model, voice, input: sentence, response_format: 'wav' } as const;
    const response = await client.audio.speech.create(request, options);
    await charge([usageOf(account, sentence)]);
    return Buffer.from(await response.arrayBuffer());
  });
  const raw = `${file}.raw`;
  await writeFile(raw, sound);
  await settleSound({ raw, file, ffmpeg, engine: accountName(account), signal });
  await requireSound(sentence, file);
}

function usageOf(account: OpenAiAccount, sentence: string) {
  return speechUsage([sentence], payeeOf(account.baseUrl), account.model);
}
