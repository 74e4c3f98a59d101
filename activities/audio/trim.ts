import type { Sound } from './wav.ts';

/** -46 dB of full scale: below the quietest consonants of the voices, above their noise. */
const AUDIBLE = 0.005 * 32_768;
/** Soft beginnings and endings of words lie below the threshold. */
const MARGIN_MS = 30;
/** An edge that does not start from nothing clicks where it meets a pause. */
const EASE_MS = 8;

/**
 * The sound without the silence that engines put around a sentence, so that pauses are as long as planned and
 * words are timed from the first sound on; its edges rise from and fall to nothing. Silence gives no samples.
 */
export function trimSilence({ rate, samples }: Sound): Sound {
  const first = samples.findIndex((sample) => Math.abs(sample) > AUDIBLE);
  if (first < 0) return { rate, samples: new Int16Array(0) };
  const last = samples.findLastIndex((sample) => Math.abs(sample) > AUDIBLE);
  const margin = Math.round((rate * MARGIN_MS) / 1000);
  return { rate, samples: eased(samples.slice(Math.max(0, first - margin), last + 1 + margin), rate) };
}

function eased(samples: Int16Array, rate: number): Int16Array {
  const length = Math.min(Math.round((rate * EASE_MS) / 1000), Math.floor(samples.length / 2));
  for (let i = 0; i < length; i += 1) {
    const gain = (1 - Math.cos((Math.PI * i) / length)) / 2;
    for (const at of [i, samples.length - 1 - i]) samples[at] = Math.round((samples[at] ?? 0) * gain);
  }
  return samples;
}
