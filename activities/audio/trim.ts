import type { Sound } from './wav.ts';

/** -46 dB of full scale: below the quietest consonants of the voices, above their noise. */
const AUDIBLE = 0.005 * 32_768;
/** Soft beginnings and endings of words lie below the threshold. */
const MARGIN_MS = 30;

/**
 * The sound without the silence that engines put around a sentence, so that pauses are as long as planned and
 * words are timed from the first sound on. Silence gives no samples.
 */
export function trimSilence({ rate, samples }: Sound): Sound {
  const first = samples.findIndex((sample) => Math.abs(sample) > AUDIBLE);
  if (first < 0) return { rate, samples: new Int16Array(0) };
  const last = samples.findLastIndex((sample) => Math.abs(sample) > AUDIBLE);
  const margin = Math.round((rate * MARGIN_MS) / 1000);
  return { rate, samples: samples.subarray(Math.max(0, first - margin), last + 1 + margin) };
}
