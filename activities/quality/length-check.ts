import { judgeCheck } from '../../domain/quality.ts';
import type { AudioResult, QualityCheck, ScriptResult } from '../../domain/results.ts';

/** How far the narration is from the ordered seconds; a script of the order is spoken whole, whatever was ordered. */
export function lengthCheck(
  orderedS: number,
  script: Pick<ScriptResult, 'source'> | undefined,
  { durationMs }: Pick<AudioResult, 'durationMs'>,
): QualityCheck[] {
  if (!script || script.source === 'script') return [];
  return [judgeCheck('ordered_length', Math.abs(durationMs / 10 / orderedS - 100))];
}
