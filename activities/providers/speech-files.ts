import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { StageError } from '../../domain/errors.ts';
import type { Usage } from '../../domain/results.ts';
import { trimSilence } from '../audio/trim.ts';
import { readWav } from '../audio/wav.ts';

/** Names of the sentences' files inside `dir`, in order; makes the folder. */
export async function prepareFiles(sentences: readonly string[], dir: string): Promise<string[]> {
  await mkdir(dir, { recursive: true });
  return sentences.map((_, index) => join(dir, `sentence-${String(index + 1).padStart(4, '0')}.wav`));
}

/** Throws as {@link requireSound} does, before anything is spoken: a sentence of mere signs has no words. */
export function requireWords(sentence: string): void {
  if (!/[\p{L}\p{N}]/u.test(sentence)) throw unreadable(sentence);
}

/**
 * Engines answer text that they cannot read (another script, emoji) with an empty file and success. Throws a
 * StageError `invalid_input` that names the sentence when its file holds no sound.
 */
export async function requireSound(sentence: string, file: string): Promise<void> {
  // A neural voice breathes at a lone "…": sound alone proves nothing.
  requireWords(sentence);
  const { samples } = trimSilence(await readWav(file));
  if (samples.length === 0) throw unreadable(sentence);
}

/** Speech is counted in characters, whatever engine speaks it. */
export function speechUsage(sentences: readonly string[], provider: string, model: string): Usage {
  const quantity = sentences.reduce((sum, sentence) => sum + [...sentence].length, 0);
  return { service: 'tts', operation: 'speech', provider, model, quantity, unit: 'character' };
}

function unreadable(sentence: string): StageError {
  return new StageError('invalid_input', `the voice cannot read this sentence: "${sentence.slice(0, 120)}"`);
}
