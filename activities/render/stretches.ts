import type { Clip } from '../../domain/results.ts';
import { FRAME_RATE } from '../../domain/video.ts';

/** Frames over which one picture turns into the next: 0.4 s. */
export const FADE_FRAMES = 12;

/** A clip that is seen for less than this looks like a mistake. */
export const MIN_SHOWN_S = 2;
const MIN_FRAMES = MIN_SHOWN_S * FRAME_RATE;

/** Each stretch holds a decoder open, so a scene has few. */
const MAX_STRETCHES = 8;

const SLOWEST = 0.8;

/** Clips often end a frame or two before their stated length. */
const SPARE_FRAMES = 2;

/** A clip's turn in a scene, shown from its first frame on. */
export interface Stretch {
  clip: Clip;
  /** Frames of the video until the next stretch starts; the clip then goes on for FADE_FRAMES, fading. */
  frames: number;
  /** 1, or down to 0.8 to make too short a clip last. */
  speed: number;
  /** How often the file is read from its start: more than once only for a clip too short to be a stretch. */
  rounds: number;
}

interface Turn {
  clip: Clip;
  rounds: number;
  /** Frames at full speed, without those that its fade-out takes. */
  usable: number;
}

/**
 * Divides a scene among its clips, so that their stretches add up to it exactly. Clips that are too short are
 * slowed down to 0.8 times their speed at most; if that is not enough, they come round again.
 */
export function stretchesOf(clips: readonly Clip[], frames: number): Stretch[] {
  const shown = clips.slice(0, Math.max(1, Math.floor(frames / MIN_FRAMES)));
  const turns = lastingFor(
    shown.map((clip) => turnOf(clip, 1)),
    frames,
  );
  const speed = Math.min(1, sum(turns) / frames);
  const shares = speed < 1 ? stretched(turns, speed) : levelled(turns, frames);
  return turns.map(({ clip, rounds }, i) => ({ clip, rounds, speed, frames: shares[i] ?? 0 }));
}

function turnOf(clip: Clip, atLeast: number): Turn {
  const length = Math.max(1, Math.floor((clip.durationMs * FRAME_RATE) / 1000) - SPARE_FRAMES);
  const needed = Math.max(atLeast, length < MIN_FRAMES ? MIN_FRAMES : 1) + FADE_FRAMES;
  const rounds = Math.ceil(needed / length);
  return { clip, rounds, usable: rounds * length - FADE_FRAMES };
}

/** Repeats the turns until they last; where that would take too many, each clip repeats itself. */
function lastingFor(turns: Turn[], frames: number): Turn[] {
  const wanted = Math.ceil(SLOWEST * frames);
  const passes = Math.min(Math.ceil(wanted / sum(turns)), Math.floor(MAX_STRETCHES / turns.length));
  const all = Array.from({ length: Math.max(1, passes) }, () => turns).flat();
  if (sum(all) >= wanted) return all;
  const longer = Math.ceil(wanted / all.length);
  return all.map(({ clip }) => turnOf(clip, longer));
}

/** Every turn used up. */
function stretched(turns: readonly Turn[], speed: number): number[] {
  const ends = turns.map((_, i) => Math.round(sum(turns.slice(0, i + 1)) / speed));
  return ends.map((end, i) => end - (ends[i - 1] ?? 0));
}

/** Equal shares; what a short turn cannot fill, the longer ones take over. */
function levelled(turns: readonly Turn[], frames: number): number[] {
  const shares: number[] = turns.map(() => 0);
  const shortestFirst = [...turns.entries()].toSorted(([, a], [, b]) => a.usable - b.usable);
  let remaining = frames;
  for (const [place, [i, { usable }]] of shortestFirst.entries()) {
    const share = Math.min(usable, Math.floor(remaining / (turns.length - place)));
    shares[i] = share;
    remaining -= share;
  }
  return shares;
}

function sum(turns: readonly Turn[]): number {
  return turns.reduce((total, { usable }) => total + usable, 0);
}
