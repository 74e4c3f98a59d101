import { reasonWords } from '../event-words.ts';
import type { VideoRow } from '../video-row.ts';

const PLACES = { simple: 'a cpu place', complex: 'a gpu place', premium: 'a place' };

/** What a queued video waits for, in words. */
export function waitingWords({ paused, waiting_for, complexity }: WaitingRow): string {
  if (paused) return 'Paused by an operator';
  if (waiting_for === 'paused' || waiting_for === 'halted') return `The pipeline is ${waiting_for}`;
  if (waiting_for === null || waiting_for === 'place') return `Waits for ${PLACES[complexity]}`;
  return `Waits for ${reasonWords(waiting_for)}`;
}

type WaitingRow = Pick<VideoRow, 'paused' | 'waiting_for' | 'complexity'>;
