import { mostOf } from '../../activities/pay.ts';
import type { SpeechContext } from '../../activities/providers/speech.ts';
import type { StageContext } from '../../activities/stage.ts';
import { StageError } from '../../domain/errors.ts';
import type { Usage } from '../../domain/results.ts';
import { paidPrices } from './fakes/paid-prices.ts';

/** Stored answers by their question. */
export type TestAnswers = Map<string, unknown>;

/**
 * Pays as a stage does, without Postgres: what was billed goes into `charges`, also the most that a failed call can
 * have cost, and answers are kept in `answers`.
 */
export function testPay(charges: Usage[] = [], answers: TestAnswers = new Map()): StageContext['pay'] {
  return async ({ kind, inputs, most, send, reuse }) => {
    mostOf(paidPrices(), most);
    const key = JSON.stringify([kind, inputs, most[0].provider, most[0].model]);
    const stored = answers.get(key) as Parameters<NonNullable<typeof reuse>>[0] | undefined;
    const usable = stored === undefined ? null : reuse ? await reuse(stored) : stored;
    if (usable !== null) return usable;
    const sent = await send().catch((error) => {
      if (!(error instanceof StageError && error.unbilled)) charges.push(...most);
      throw error;
    });
    charges.push(...sent.usage);
    if ('failed' in sent) throw sent.failed;
    if (sent.keep !== false) answers.set(key, sent.answer);
    return sent.answer;
  };
}

/** What a voice is given beside its signal, when nobody asks what it cost. Shared files stay where they are. */
export const FREE: Omit<SpeechContext, 'signal'> = {
  pay: testPay(),
  share: async (path) => ({ key: path, sha256: '', bytes: 0 }),
  fetch: async ({ key }) => key,
  kept: { keep: async (path) => path },
};
