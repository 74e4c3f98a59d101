import { formatDollars, parseDollars, toDollars } from '../../domain/money.ts';
import { formatAmount } from '../client/format.ts';
import type { DryBatch } from './batches.ts';

/** What a file of orders would come to. */
export interface Preview {
  orders: number;
  batches: number;
  /** Orders of batches that were ordered by an earlier run. */
  ordered_before: number;
  /** Dollars, of those that are new. */
  estimated_cost: number;
  history: DryBatch['history'];
  left_today: DryBatch['left_today'];
  /** Estimates of those that are new, in dollars. */
  estimates: number[];
}

/** All batches together. */
export function previewOf(tried: readonly { body: DryBatch; replayed: boolean }[]): Preview {
  const fresh = tried.filter(({ replayed }) => !replayed).flatMap(({ body }) => body.videos);
  const all = tried.reduce((count, { body }) => count + body.videos.length, 0);
  const estimates = fresh.map(({ estimated_cost }) => estimated_cost);
  return {
    orders: all,
    batches: tried.length,
    ordered_before: all - fresh.length,
    estimated_cost: toDollars(estimates.reduce((sum, each) => sum + parseDollars(each), 0)),
    history: Object.assign({}, ...tried.map(({ body }) => body.history)),
    left_today: {
      all: tried.at(-1)?.body.left_today.all ?? null,
      channels: Object.assign({}, ...tried.map(({ body }) => body.left_today.channels)),
    },
    estimates,
  };
}

/** The preview for people. */
export function previewLines(file: string, preview: Preview): string[] {
  const { orders, batches, ordered_before, estimates } = preview;
  const before = ordered_before > 0 ? `, ${ordered_before} of them ordered before` : '';
  return [
    `${file}: ${orders} orders in ${batches} ${batches === 1 ? 'batch' : 'batches'}${before}`,
    ...(estimates.length > 0 ? [estimateLine(preview)] : []),
    ...historyLines(preview.history),
    ...leftLines(preview),
  ];
}

function estimateLine({ estimates, estimated_cost }: Preview): string {
  const [least, most] = [Math.min(...estimates), Math.max(...estimates)];
  const spread = least === most ? ' each' : `, from ${formatAmount(least)} to ${formatAmount(most)}`;
  const mean = Math.round(parseDollars(estimated_cost) / estimates.length);
  return `estimated    ${formatAmount(estimated_cost)} for ${estimates.length}: ${least === most ? '' : 'mean '}${formatDollars(mean)}${spread}`;
}

function historyLines(history: Preview['history']): string[] {
  return Object.entries(history).map(([complexity, past]) => {
    if (past == null) return `so far       no ${complexity} video is completed yet`;
    const spread = past.standard_deviation === null ? '' : ` ± ${formatAmount(past.standard_deviation)}`;
    return `so far       ${complexity} videos have cost ${formatAmount(past.mean)}${spread} on average (${past.videos} completed)`;
  });
}

function leftLines({ left_today: { all, channels }, estimated_cost }: Preview): string[] {
  const limits = [
    ...(all === null ? [] : [`${formatAmount(all)} of the daily limit`]),
    ...Object.entries(channels).map(([name, left]) => `${formatAmount(left)} of channel ${name}`),
  ];
  if (limits.length === 0) return ['left today   no limit of the day is set'];
  const waits = all !== null && estimated_cost > all ? '; what does not fit waits for a later day' : '';
  return [`left today   ${limits.join(', ')}${waits}`];
}
