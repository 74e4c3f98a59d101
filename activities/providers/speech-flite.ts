import { writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { StageError } from '../../domain/errors.ts';
import { runChild } from '../child.ts';
import type { SpeechProvider } from './speech.ts';
import { prepareFiles, requireSound, speechUsage } from './speech-files.ts';

const NAME = 'flite';
const VOICE = 'slt';
/** The voice's own pace, about 190 words a minute, is hasty for a narration. */
const TEMPO = 0.9;
const TEXT_FILE = 'sentence.txt';
const QUIET = ['-hide_banner', '-loglevel', 'error', '-nostdin', '-y'];

/** The voice that many builds of ffmpeg carry: it needs nothing installed, and sounds robotic. */
export function createFlite(ffmpeg: string): SpeechProvider {
  return {
    name: NAME,
    speak: async (sentences, dir, { signal, onSentence }) => {
      const files = await prepareFiles(sentences, dir);
      for (const [index, sentence] of sentences.entries()) {
        const file = files[index] ?? '';
        // From a file by its bare name: neither the words nor the folder need escaping in the filter.
        await writeFile(join(dir, TEXT_FILE), sentence);
        const source = `flite=textfile=${TEXT_FILE}:voice=${VOICE}`;
        const output = ['-af', `atempo=${TEMPO}`, '-ac', '1', '-c:a', 'pcm_s16le', basename(file)];
        await runChild(ffmpeg, [...QUIET, '-f', 'lavfi', '-i', source, ...output], { signal, cwd: dir });
        await requireSound(sentence, file);
        onSentence?.(index + 1);
      }
      return { files, usage: [speechUsage(sentences, NAME, VOICE)] };
    },
  };
}

/** Whether this build of ffmpeg can speak, found out by trying: many cannot. */
export async function hasFlite(ffmpeg: string, signal: AbortSignal): Promise<boolean> {
  const probe = ['-f', 'lavfi', '-i', `flite=text=a:voice=${VOICE}`, '-t', '0.1', '-f', 'null', '-'];
  try {
    await runChild(ffmpeg, [...QUIET, ...probe], { signal });
    return true;
  } catch (error) {
    if (error instanceof StageError) return false;
    throw error;
  }
}
