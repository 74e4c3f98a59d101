import type { AudioResult, ScriptResult } from './results.ts';
import type { Order } from './video.ts';

/** Share of the ordered length by which a narration may miss it. */
const TOLERANCE = 0.1;

/** Says by how much a narration misses the ordered length ("length 84.2 s (bound 60 ± 6)"); null within a tenth. */
export function lengthFault(
  { duration }: Pick<Order, 'duration'>,
  { durationMs }: Pick<AudioResult, 'durationMs'>,
): string | null {
  const seconds = durationMs / 1000;
  const tolerance = duration * TOLERANCE;
  if (Math.abs(seconds - duration) <= tolerance) return null;
  return `length ${seconds.toFixed(1)} s (bound ${duration} ± ${Number(tolerance.toFixed(1))})`;
}

/**
 * The length fault that a script written for the voice's measured speed can mend; null for a script of the order, one
 * that says all that its source does, and one that was written for that speed.
 */
export function misfitOf(
  order: Pick<Order, 'duration'>,
  script: Pick<ScriptResult, 'source' | 'whole' | 'fitted'>,
  audio: Pick<AudioResult, 'durationMs'>,
): string | null {
  const tooShort = audio.durationMs < order.duration * 1000;
  if (script.source === 'script' || script.fitted || (script.whole && tooShort)) return null;
  return lengthFault(order, audio);
}
