import { createHash } from 'node:crypto';
import { ApplicationFailure } from '@temporalio/activity';
import { SUPERSEDED } from '../domain/contract.ts';
import { StageError } from '../domain/errors.ts';
import { formatDollars, type Micros, sumOf } from '../domain/money.ts';
import type { Charge, Usage } from '../domain/results.ts';
import { announceCharges } from '../infra/money/cost-alerts.ts';
import { assumeHolds, type Hold, hold, refundHold, settleHold } from '../infra/money/holds.ts';
import type { Recorded } from '../infra/money/ledger.ts';
import { findAnswer, noteSaved } from '../infra/money/paid-answers.ts';
import { type PriceList, priceUsage } from '../infra/money/prices.ts';
import type { Attempt } from './attempt.ts';
import type { PaidCall, Sent } from './stage.ts';

/**
 * The way of one paid call: stored answer, or hold, call, and the hold's end. `run` is the attempt's row of
 * `stage_runs`. A hold whose end cannot be written, since Postgres is away or the process dies, is charged in full
 * by whoever comes next. Throws as StageContext.pay says, and as SUPERSEDED when the attempt is not the newest.
 */
export async function pay<A>(attempt: Attempt, run: number, call: PaidCall<A>): Promise<A> {
  const { deps, input, spec } = attempt;
  const held: Hold = {
    video_id: input.video_id,
    run,
    stage: spec.name,
    attempt: attempt.run.attempt,
    key: attempt.nextKey(),
    call: call.most[0],
    amount: mostOf(deps.prices, call.most),
  };
  const answerKey = keyOf(call, input.video_id);
  const stored = await takeStored(attempt, held, call, answerKey);
  if (stored !== null) return stored;
  attempt.signal.throwIfAborted();
  await holdOrStop(attempt, held);
  const { sent, charges } = await send(attempt, held, call);
  const kept = 'answer' in sent && sent.keep !== false ? sent.answer : null;
  const { kind, shared } = call;
  const answer = kept === null ? null : { key: answerKey, kind, shared, answer: kept, cost: sumOf(charges) };
  tell(attempt, held, await settleHold(deps, held, charges, answer));
  if ('failed' in sent) throw sent.failed;
  return sent.answer;
}

async function takeStored<A>(
  { deps }: Attempt,
  held: Hold,
  { reuse, maxAgeMs }: PaidCall<A>,
  key: string,
): Promise<A | null> {
  const found = await findAnswer(deps.pool, key, maxAgeMs ?? null);
  if (!found) return null;
  const answer = found.answer as A;
  const usable = reuse ? await reuse(answer) : answer;
  if (usable !== null) await noteSaved(deps.pool, { ...held, amount: found.cost });
  return usable;
}

async function holdOrStop({ deps, input }: Attempt, held: Hold): Promise<void> {
  const answer = await hold(deps.pool, held);
  if (answer === 'held') return;
  if (answer === 'superseded') {
    throw ApplicationFailure.nonRetryable(`a newer attempt has taken over ${held.stage}`, SUPERSEDED);
  }
  const what = `${held.call.operation} (${held.call.provider} ${held.call.model})`;
  deps.log.warn({ video_id: input.video_id, most: held.amount }, 'a call does not fit under the cap');
  throw new StageError(
    'cost_limit',
    `${what} may cost ${formatDollars(held.amount)}, which does not fit under the cap any more`,
  );
}

/** The call, and its price. When it throws, its hold goes back, or becomes a charge when nobody can know. */
async function send<A>(
  attempt: Attempt,
  held: Hold,
  call: PaidCall<A>,
): Promise<{ sent: Sent<A>; charges: Charge[] }> {
  const { deps } = attempt;
  try {
    const sent = await call.send();
    return { sent, charges: sent.usage.map((one, index) => lineOf(deps.prices, held, one, index + 1)) };
  } catch (error) {
    if (error instanceof StageError && error.unbilled) await refundHold(deps.pool, held);
    else await assume(attempt, held);
    throw error;
  }
}

async function assume(attempt: Attempt, held: Hold): Promise<void> {
  const { deps } = attempt;
  const assumed = await assumeHolds(deps.pool, held.video_id, { key: held.key });
  if (!assumed) return;
  const recorded = { ...assumed, stage: held.stage };
  await announceCharges(deps, held.video_id, recorded);
  tell(attempt, held, recorded);
}

function tell({ spend }: Attempt, { key }: Hold, { state, fresh }: Recorded): void {
  const amount = sumOf(fresh);
  if (amount > 0) spend.tell({ id: key, amount, ...state });
}

function lineOf(prices: PriceList, { key }: Hold, usage: Usage, n: number): Charge {
  return { ...usage, key: `${key}/${n}`, amount: priceUsage(prices, usage) };
}

/** The most that a call can cost. Throws a StageError `invalid_input` for one whose price nobody knows: it must not be made. */
export function mostOf(prices: PriceList, most: readonly Usage[]): Micros {
  try {
    return most.reduce((sum, usage) => sum + priceUsage(prices, usage), 0);
  } catch (error) {
    throw new StageError('invalid_input', error instanceof Error ? error.message : String(error));
  }
}

/** Two orders of one topic are two videos: what is not shared by all is asked for by each. */
function keyOf<A>({ kind, inputs, most, shared }: PaidCall<A>, videoId: string): string {
  const [{ provider, model }] = most;
  const owner = shared === 'video' ? videoId : null;
  return createHash('sha256')
    .update(JSON.stringify([kind, owner, provider, model, inputs]))
    .digest('hex');
}
