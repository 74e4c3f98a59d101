import { basename } from 'node:path';
import { StageError } from '../../domain/errors.ts';
import { runChild } from '../child.ts';
import { inParallel } from './in-parallel.ts';
import type { SpeechProvider } from './speech.ts';
import { prepareFiles, requireSound, requireWords, speechUsage } from './speech-files.ts';
import { settleSound } from './speech-sound.ts';

const PROVIDER = 'tts-command';
/** A neural engine loads its model for every sentence, and uses several cores by itself. */
const AT_ONCE = 2;
/** A sentence of ten minutes at 48 kHz: an engine that never ends must not fill the disk. */
const MAX_SOUND_BYTES = 64 * 1024 ** 2;
const WORD = /(?:"[^"]*"|'[^']*'|[^\s"'])+/g;

/**
 * A local engine as the operator's command: one process a sentence, the text on its standard input, a WAV on its
 * standard output. Aborting kills it.
 */
export function createCommandSpeech(command: string, ffmpeg: string): SpeechProvider {
  const [program, ...args] = splitCommand(command) ?? [];
  const engine = basename(program ?? '');
  return {
    name: `${PROVIDER} (${engine})`,
    speak: async (sentences, dir, { signal, onSentence }) => {
      if (program === undefined) throw new StageError('invalid_input', BAD_COMMAND);
      for (const sentence of sentences) requireWords(sentence);
      const files = await prepareFiles(sentences, dir);
      let done = 0;
      await inParallel(sentences, AT_ONCE, signal, async (sentence, index) => {
        const file = files[index] ?? '';
        const raw = `${file}.raw`;
        const output = { outputFile: raw, fileBytes: MAX_SOUND_BYTES };
        await runChild(program, args, { signal, input: `${sentence}\n`, ...output });
        await settleSound({ raw, file, ffmpeg, engine: `TTS_COMMAND (${engine})`, signal });
        await requireSound(sentence, file);
        done += 1;
        onSentence?.(done);
      });
      return { files, usage: [speechUsage(sentences, PROVIDER, engine)] };
    },
  };
}

const BAD_COMMAND = 'TTS_COMMAND is empty or has an open quotation mark';

/**
 * Words of a command line. Spaces part them, "…" and '…' hold what stands inside together; no other sign means
 * anything, and no shell sees it. Null without a word, or with an open quotation mark.
 */
export function splitCommand(command: string): string[] | null {
  const found = command.match(WORD) ?? [];
  if (found.length === 0 || /\S/.test(command.replace(WORD, ''))) return null;
  return found.map((word) => word.replace(/"([^"]*)"|'([^']*)'/g, '$1$2'));
}
