import { mendFor } from '../../domain/mends.ts';
import { formatDollars, type Micros } from '../../domain/money.ts';
import type { StatusAnswer } from './api-client.ts';
import { oneLine } from './format.ts';

/**
 * Why there is no video, what was paid, what can be done and how to go on, for standard error. `argv` is what
 * it was ordered with, null when this command only watched.
 */
export function failureLines(view: StatusAnswer, cost: Micros, argv: readonly string[] | null): string[] {
  const last = view.errors.at(-1);
  const stage = view.stage ?? last?.stage;
  const message = view.message ?? last?.message ?? 'no stage reported an error';
  const where = stage ? ` at ${stage}` : '';
  const paid = formatDollars(cost);
  const mend = mendFor(view.reason);
  return [
    oneLine(
      `video ${view.video_id} ${view.status}${where}, reason ${view.reason ?? 'unknown'}: ${message}; paid so far: ${paid}`,
    ),
    ...(mend === null ? [] : [`  what to do   ${mend}`]),
    `  then         npm run video -- ${goOn(view, argv)}`,
  ];
}

/** It lies in the order itself: making the same again would end the same. */
const ORDER_AGAIN = 'invalid_input';

/** How to go on: from the stage that failed, what is finished being kept; or with a better order. */
function goOn(view: StatusAnswer, argv: readonly string[] | null): string {
  if (view.reason !== ORDER_AGAIN) return `--retry ${view.video_id}`;
  return argv === null ? '<what it was ordered with>' : argv.map(shellWord).join(' ');
}

/** As it has to be typed for a shell to hand it on unchanged. */
function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
