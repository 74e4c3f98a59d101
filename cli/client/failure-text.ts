import { mendFor } from '../../domain/mends.ts';
import { formatDollars, type Micros } from '../../domain/money.ts';
import type { StatusAnswer } from './api-client.ts';
import { oneLine } from './format.ts';

/** How to go on, in the words of the command that runs. */
export interface Words {
  watch(videoId: string): string;
  retry(videoId: string): string;
  orderAgain: string;
}

/** Of `npm run video`; `argv` is what the video was ordered with, null when it was only watched. */
export function videoWords(argv: readonly string[] | null): Words {
  const order = argv === null ? '<what it was ordered with>' : argv.map(shellWord).join(' ');
  return {
    watch: (id) => `npm run video -- --watch ${id}`,
    retry: (id) => `npm run video -- --retry ${id}`,
    orderAgain: `npm run video -- ${order}`,
  };
}

/** Why there is no video, what was paid, what can be done and how to go on, for standard error. */
export function failureLines(view: StatusAnswer, cost: Micros, words: Words): string[] {
  const last = view.errors.at(-1);
  const stage = view.stage ?? last?.stage;
  const message = view.message ?? last?.message ?? 'no stage reported an error';
  const where = stage ? ` at ${stage}` : '';
  const paid = formatDollars(cost);
  const mend = mendFor(view.reason);
  // What lies in the order itself would end the same again; else what is finished is kept.
  const next = view.reason === ORDER_AGAIN ? words.orderAgain : words.retry(view.video_id);
  return [
    oneLine(
      `video ${view.video_id} ${view.status}${where}, reason ${view.reason ?? 'unknown'}: ${message}; paid so far: ${paid}`,
    ),
    ...(mend === null ? [] : [`  what to do   ${mend}`]),
    `  then         ${next}`,
  ];
}

const ORDER_AGAIN = 'invalid_input';

/** As it has to be typed for a shell to hand it on unchanged. */
function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
