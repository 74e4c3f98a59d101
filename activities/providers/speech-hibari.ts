import { join } from 'node:path';
import { StageError } from '../../domain/errors.ts';
import { projectRoot } from '../../infra/project-root.ts';
import { runChild } from '../child.ts';
import type { SpeechProvider } from './speech.ts';
import { prepareFiles, requireSound, speechUsage } from './speech-files.ts';

const NAME = 'hibari-tts';
/** The voice in the package. */
const SHIPPED = 'heart';
/** The price list has one row for all of them. */
const MODEL = 'en';
/** A fixed seed makes the same sentence the same sound: a second attempt changes nothing, another narration does. */
const FIRST_SEED = 1;
const NOT_FETCHED = /the voice "\w+" cannot be fetched: .*/u;
const PROGRAM = join(projectRoot, 'activities', 'providers', 'speech-hibari.py');

/**
 * The neural voice: `python` is the interpreter of an environment that holds hibari-tts. English only. Another voice
 * than the shipped one is fetched at its first use; a StageError `connection` says where that was refused.
 */
export function createHibari(python: string, voice = SHIPPED): SpeechProvider {
  return {
    name: voice === SHIPPED ? NAME : `${NAME} (${voice})`,
    speak: async (sentences, dir, { signal, onSentence, madeBefore = 0 }) => {
      const files = await prepareFiles(sentences, dir);
      const input = sentences
        .map((text, index) => `${JSON.stringify({ text, path: files[index] })}\n`)
        .join('');
      let done = 0;
      // One process for all sentences: each start costs a quarter of a second.
      const onLine = () => {
        done += 1;
        onSentence?.(done);
      };
      await runChild(python, [PROGRAM, voice, String(FIRST_SEED + madeBefore)], {
        signal,
        input,
        onLine,
      }).catch(sayRefused);
      await Promise.all(sentences.map((sentence, index) => requireSound(sentence, files[index] ?? '')));
      return { files, usage: [speechUsage(sentences, NAME, MODEL)] };
    },
  };
}

function sayRefused(thrown: unknown): never {
  const refused = thrown instanceof StageError ? NOT_FETCHED.exec(thrown.message)?.[0] : undefined;
  throw refused === undefined ? thrown : new StageError('connection', refused, { cause: thrown });
}
