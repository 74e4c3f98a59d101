import { join } from 'node:path';
import { projectRoot } from '../../infra/project-root.ts';
import { runChild } from '../child.ts';
import type { SpeechProvider } from './speech.ts';
import { prepareFiles, requireSound, speechUsage } from './speech-files.ts';

const NAME = 'hibari-tts';
const VOICE = 'en';
const PROGRAM = join(projectRoot, 'activities', 'providers', 'speech-hibari.py');

/** The neural voice: `python` is the interpreter of an environment that holds hibari-tts. English only. */
export function createHibari(python: string): SpeechProvider {
  return {
    name: NAME,
    speak: async (sentences, dir, { signal, onSentence }) => {
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
      await runChild(python, [PROGRAM], { signal, input, onLine });
      await Promise.all(sentences.map((sentence, index) => requireSound(sentence, files[index] ?? '')));
      return { files, usage: [speechUsage(sentences, NAME, VOICE)] };
    },
  };
}
