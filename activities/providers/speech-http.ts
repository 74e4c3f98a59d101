import { copyFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Usage } from '../../domain/results.ts';
import type { ArtifactRef } from '../../domain/video.ts';
import { ArtifactGone } from '../../infra/artifacts/artifact-gone.ts';
import type { Sent } from '../stage.ts';
import { inParallel } from './in-parallel.ts';
import { accountName, callOpenAi, type OpenAiAccount, payeeOf } from './openai-account.ts';
import type { SpeechContext, SpeechProvider } from './speech.ts';
import { prepareFiles, requireSound, requireWords, speechUsage } from './speech-files.ts';
import { settleSound } from './speech-sound.ts';

const AT_ONCE = 8;
/** Folder of spoken sentences in the artifact store. */
const SHARED = 'speech';
/** Room of a sentence of some twenty seconds. */
const ROOM_BYTES = 1024 ** 2;

export interface HttpVoice {
  account: OpenAiAccount;
  voice: string;
  ffmpeg: string;
}

/**
 * Speech by OpenAI, or any server that speaks its protocol: a call a sentence, eight at once. Each sentence is paid by
 * its characters, and kept for every later video in which this voice says it.
 */
export function createHttpSpeech(usual: HttpVoice): SpeechProvider {
  return {
    name: nameOf(usual),
    speak: async (sentences, dir, context) => {
      const http = { ...usual, voice: context.voice ?? usual.voice };
      for (const sentence of sentences) requireWords(sentence);
      const files = await prepareFiles(sentences, dir);
      await requireStore(dir, context);
      // Said twice, a sentence is asked for once: side by side neither call would find the other's answer.
      const [first, again] = [new Map<string, string>(), new Map<string, string>()];
      sentences.forEach((sentence, i) => {
        const file = files[i] ?? '';
        if (first.has(sentence)) again.set(file, sentence);
        else first.set(sentence, file);
      });
      const shared: string[] = [];
      let done = again.size;
      await inParallel([...first], AT_ONCE, context.signal, async ([sentence, file]) => {
        shared.push((await speakOne(http, sentence, file, context)).key);
        done += 1;
        context.onSentence?.(done);
      });
      for (const [file, sentence] of again) await copyFile(first.get(sentence) ?? '', file);
      return { files, usage: [], by: nameOf(http), shared };
    },
  };
}

/** A sentence that finds no place is paid and lost, and again at each attempt: so the store has to take a file first. */
async function requireStore(dir: string, { kept }: SpeechContext): Promise<void> {
  const path = join(dir, 'room');
  await writeFile(path, Buffer.alloc(ROOM_BYTES));
  await kept.keep(path, 'room');
  await rm(path, { force: true });
}

function nameOf({ account, voice }: HttpVoice): string {
  return `${accountName(account)} (${voice})`;
}

function speakOne(
  http: HttpVoice,
  sentence: string,
  file: string,
  context: SpeechContext,
): Promise<ArtifactRef> {
  const { account, voice } = http;
  const usage = speechUsage([sentence], payeeOf(account.baseUrl), account.model);
  return context.pay<ArtifactRef>({
    kind: SHARED,
    inputs: [account.baseUrl, voice, sentence],
    most: [usage],
    shared: 'all',
    send: () => send(http, { sentence, file, usage }, context),
    reuse: (stored) => copyShared(stored, file, context),
  });
}

/** From the answer on the sentence is paid, also when its sound is of no use. */
async function send(
  { account, voice, ffmpeg }: HttpVoice,
  { sentence, file, usage }: { sentence: string; file: string; usage: Usage },
  { signal, share }: SpeechContext,
): Promise<Sent<ArtifactRef>> {
  const sound = await callOpenAi(account, signal, async (client, options) => {
    const request = { model: account.model, voice, input: sentence, response_format: 'wav' } as const;
    const response = await client.audio.speech.create(request, options);
    return Buffer.from(await response.arrayBuffer());
  });
  const raw = `${file}.raw`;
  try {
    await writeFile(raw, sound);
    await settleSound({ raw, file, ffmpeg, engine: accountName(account), signal });
    await requireSound(sentence, file);
    return { usage: [usage], answer: await share(file, SHARED) };
  } catch (failed) {
    return { usage: [usage], failed };
  }
}

/** A file that is gone from the store, or was changed there, is spoken anew; a store that is away is waited for. */
async function copyShared(stored: ArtifactRef, file: string, { fetch }: SpeechContext) {
  try {
    await copyFile(await fetch(stored), file);
    return stored;
  } catch (error) {
    if (error instanceof ArtifactGone) return null;
    throw error;
  }
}
