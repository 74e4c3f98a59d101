import { formatDollars, type Micros, parseDollars } from '../../domain/money.ts';
import type { Bill, BillLine } from '../../domain/results.ts';
import type { StatusAnswer } from './api-client.ts';
import { formatAmount, formatBytes, formatElapsed, oneLine } from './format.ts';

/** What of metadata.json says how the video was made. */
export interface Production {
  script?: string;
  offline?: boolean;
}

export interface FinishedVideo {
  /** As it is shown: relative to the working directory where that is shorter. */
  folder: string;
  elapsedMs: number;
  cost: Micros;
  bill: Bill | null;
  production: Production | null;
  providers: StatusAnswer['providers'];
  warnings: StatusAnswer['warnings'];
}

/** The lines at the end of a finished video: where it is, what it cost, how it was made, what to know. */
export function finishedLines(video: FinishedVideo): string[] {
  return [
    `Done in ${formatElapsed(video.elapsedMs)}.`,
    `Folder  ${video.folder}`,
    `Video   ${video.folder}/video.mp4`,
    ...billLines(video.bill, video.cost),
    madeBy(video),
    ...warningLines(video.warnings),
  ];
}

/** The same of a video whose files stay with the API. */
export function remoteLines(view: StatusAnswer, cost: Micros, api: string): string[] {
  const files = Object.entries(view.artifacts).map(
    ([name, { url, bytes }]) =>
      `${oneLine(name).padEnd(15)} ${formatBytes(bytes).padStart(9)}  ${new URL(url, api)}`,
  );
  const seconds = view.processing_time;
  return [
    `Done${seconds === null ? '' : ` in ${formatElapsed(seconds * 1000)}`}, ${formatDollars(cost)}.`,
    ...files.map((line, i) => `${(i === 0 ? 'Files' : '').padEnd(7)} ${line}`),
    ...warningLines(view.warnings),
  ];
}

/** What went otherwise than ordered without stopping the video; the same words of one stage are said once. */
function warningLines(warnings: StatusAnswer['warnings']): string[] {
  const lines = warnings.map(({ stage, code, message }) =>
    oneLine(`Warning ${code} at ${stage}: ${message}`),
  );
  return [...new Set(lines)];
}

function billLines(bill: Bill | null, cost: Micros): string[] {
  // What cost nothing is in bill.json: a line "openai $0.00" under an offline video raises questions.
  const services = [...groupByService(bill?.charges ?? [])].filter(([, { amount }]) => amount > 0);
  const cap = bill ? ` of at most ${formatAmount(bill.cap)}` : '';
  const lines = services.map(
    ([service, sum]) => `${service.padEnd(14)} ${formatDollars(sum.amount).padStart(10)}  ${sum.what}`,
  );
  const total = `${'total'.padEnd(14)} ${formatDollars(cost).padStart(10)} ${cap}`.trimEnd();
  return [...lines, total].map((line, i) => `${(i === 0 ? 'Bill' : '').padEnd(7)} ${line}`);
}

function groupByService(charges: readonly BillLine[]): Map<string, { amount: Micros; what: string }> {
  const sums = new Map<string, { amount: Micros; what: string }>();
  for (const { service, operation, amount } of charges) {
    const before = sums.get(service);
    const what =
      before && !before.what.split(', ').includes(operation) ? `${before.what}, ${operation}` : null;
    sums.set(service, {
      amount: (before?.amount ?? 0) + parseDollars(amount),
      what: what ?? before?.what ?? operation,
    });
  }
  return sums;
}

function madeBy({ production, providers }: FinishedVideo): string {
  const how = production?.offline ? 'Made offline: no keys' : 'Made with';
  const names = Object.entries(providers).map(([what, name]) => `${what} ${name}`);
  const script = production?.script ? [`script from ${production.script}`] : [];
  return oneLine(`${how} (${[...script, ...names].join('; ')})`);
}
