import type { Sound } from './wav.ts';

/** Pauses of the narration, in milliseconds. */
export const PAUSES = { leadIn: 350, betweenSentences: 200, betweenScenes: 650, tail: 900 };

/** The sound of a sentence and the scene that it belongs to. */
export interface SpokenSentence {
  scene: number;
  sound: Sound;
}

/** Where a sentence lies in the joined narration, in milliseconds. */
interface Span {
  scene: number;
  startMs: number;
  endMs: number;
}

export interface Joined {
  sound: Sound;
  durationMs: number;
  spans: Span[];
  /** Scene i starts half-way in the pause before its first sentence; scene 0 at 0. */
  sceneStartsMs: number[];
}

/**
 * Puts the sentences one after another with their pauses, counted in samples, so that no error adds up. Pauses are made
 * `pace` times as long, for a sound that is then played so much faster.
 */
export function joinSentences(sentences: readonly SpokenSentence[], pace = 1): Joined {
  const rate = sentences[0]?.sound.rate ?? 0;
  const samplesOf = (ms: number) => Math.round((ms * pace * rate) / 1000);
  const starts: number[] = [];
  let at = samplesOf(PAUSES.leadIn);
  sentences.forEach(({ scene, sound }, index) => {
    if (sound.rate !== rate)
      throw new Error(`sentences have different sample rates: ${rate} and ${sound.rate}`);
    if (index > 0) at += samplesOf(pauseBetween(sentences[index - 1]?.scene, scene));
    starts.push(at);
    at += sound.samples.length;
  });
  const samples = new Int16Array(at + samplesOf(PAUSES.tail));
  sentences.forEach(({ sound }, index) => {
    samples.set(sound.samples, starts[index] ?? 0);
  });
  const msOf = (count: number) => Math.round((count * 1000) / rate);
  const spans = sentences.map(({ scene, sound }, index) => {
    const start = starts[index] ?? 0;
    return { scene, startMs: msOf(start), endMs: msOf(start + sound.samples.length) };
  });
  return {
    sound: { rate, samples },
    durationMs: msOf(samples.length),
    spans,
    sceneStartsMs: sceneStarts(spans),
  };
}

/** The same on the clock of the sound when it is played `pace` times as fast. */
export function atPace(joined: Joined, pace: number): Joined {
  const on = (ms: number) => Math.round(ms / pace);
  return {
    sound: joined.sound,
    durationMs: on(joined.durationMs),
    spans: joined.spans.map(({ scene, startMs, endMs }) => ({
      scene,
      startMs: on(startMs),
      endMs: on(endMs),
    })),
    sceneStartsMs: joined.sceneStartsMs.map(on),
  };
}

function pauseBetween(before: number | undefined, after: number): number {
  return before === after ? PAUSES.betweenSentences : PAUSES.betweenScenes;
}

function sceneStarts(spans: readonly Span[]): number[] {
  const starts: number[] = [];
  spans.forEach(({ scene, startMs }, index) => {
    const before = spans[index - 1];
    if (before?.scene === scene) return;
    starts.push(before ? Math.round((before.endMs + startMs) / 2) : 0);
  });
  return starts;
}
