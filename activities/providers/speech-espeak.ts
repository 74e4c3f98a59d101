import { runChild } from '../child.ts';
import type { SpeechProvider } from './speech.ts';
import { prepareFiles, requireSound, speechUsage } from './speech-files.ts';

const NAME = 'espeak-ng';
const VOICE = 'en';
const WORDS_PER_MINUTE = '165';

/** The last resort: small and everywhere, and sounds robotic. `espeak` is the path of espeak-ng. */
export function createEspeak(espeak: string): SpeechProvider {
  return {
    name: NAME,
    speak: async (sentences, dir, { signal, onSentence }) => {
      const files = await prepareFiles(sentences, dir);
      for (const [index, sentence] of sentences.entries()) {
        const file = files[index] ?? '';
        const args = ['-v', VOICE, '-s', WORDS_PER_MINUTE, '-w', file, '--stdin'];
        await runChild(espeak, args, { signal, input: sentence });
        await requireSound(sentence, file);
        onSentence?.(index + 1);
      }
      return { files, usage: [speechUsage(sentences, NAME, VOICE)] };
    },
  };
}
