import type { Sound } from './wav.ts';

/** Loudness of the music against that of the speech, in decibels: while nobody speaks, and under the speech. */
export const BESIDE_SPEECH_DB = -14;
export const UNDER_SPEECH_DB = -21;

/** Samples a second of the curve: it has no quicker change than a ramp. */
const CURVE_RATE = 1_000;
const DOWN_MS = 250;
const UP_MS = 500;
const FADE_IN_MS = 150;
const FADE_OUT_MS = 800;
/** In a shorter pause the music stays down: it would only pump. */
const BREATH_MS = 1_500;
/** Where a track ends and comes round again. */
const SEAM_OUT_MS = 400;
const SEAM_IN_MS = 100;

/** When somebody speaks, in milliseconds. */
export interface Speech {
  startMs: number;
  endMs: number;
}

/**
 * The curve by which music at {@link BESIDE_SPEECH_DB} is multiplied, full scale = 1: down before somebody speaks and up
 * again after, faded in and out, and down for a moment wherever a track of `trackMs` begins anew (Infinity: never).
 */
export function musicGain(speech: readonly Speech[], durationMs: number, trackMs: number): Sound {
  const samples = new Int16Array(Math.ceil(durationMs));
  const stretches = withoutBreaths(speech);
  const floor = 10 ** ((UNDER_SPEECH_DB - BESIDE_SPEECH_DB) / 20);
  for (let at = 0; at < samples.length; at += 1) {
    const up = Math.min(1, ...stretches.map((stretch) => distance(stretch, at)));
    const ends = Math.min(1, at / FADE_IN_MS, (samples.length - 1 - at) / FADE_OUT_MS);
    const gain = (floor + (1 - floor) * eased(up)) * eased(ends) * eased(seam(at, trackMs));
    samples[at] = Math.round(gain * 32_767);
  }
  return { rate: CURVE_RATE, samples };
}

function seam(at: number, trackMs: number): number {
  const into = at % trackMs;
  return Math.min((trackMs - into) / SEAM_OUT_MS, at < trackMs ? 1 : into / SEAM_IN_MS);
}

/** 0 while somebody speaks, 1 when the ramp to or from it is over. */
function distance({ startMs, endMs }: Speech, at: number): number {
  if (at < startMs) return (startMs - at) / DOWN_MS;
  return at > endMs ? (at - endMs) / UP_MS : 0;
}

function withoutBreaths(speech: readonly Speech[]): Speech[] {
  const merged: Speech[] = [];
  for (const { startMs, endMs } of speech) {
    const last = merged.at(-1);
    if (last && startMs - last.endMs < BREATH_MS) last.endMs = endMs;
    else merged.push({ startMs, endMs });
  }
  return merged;
}

/** A ramp that starts and ends gently. */
function eased(share: number): number {
  return (1 - Math.cos(Math.PI * Math.min(1, Math.max(0, share)))) / 2;
}
