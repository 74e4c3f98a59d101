import { randomUUID } from 'node:crypto';
import type { Answer } from '../client/api-client.ts';
import { badInput, CliError, EXIT } from '../client/cli-error.ts';
import { confirm } from '../client/confirm.ts';
import { jsonLine, oneLine } from '../client/format.ts';
import {
  type AcceptedBatch,
  type Batch,
  batchesOf,
  type DryBatch,
  orderBatch,
  placedFaults,
  tryBatch,
} from '../orders/batches.ts';
import type { FileOrder } from '../orders/file-order.ts';
import { readOrderFile } from '../orders/order-file.ts';
import { type Preview, previewLines, previewOf } from '../orders/preview.ts';
import { requestKey } from '../orders/request-key.ts';
import { type Input, isOn, type Session, textOf } from './command.ts';

const FAULTS_SHOWN = 20;

/** Orders what a file lists, once it is said what it would cost; answers the exit code. */
export async function submitFile(
  session: Session,
  input: Input,
  file: string,
  defaults: Record<string, unknown>,
): Promise<number> {
  if (isOn(input, 'wait'))
    throw badInput('--wait', 'waits for one video', 'order the file without it, then watch --all');
  const content = await readOrderFile(file, defaults);
  if ('faults' in content) return refuse(session, file, content.faults);
  const batches = batchesOf(content.orders, keysOf(input));
  const tried = await tryAll(session, batches, file);
  if (typeof tried === 'number') return tried;
  const preview = previewOf(tried);
  if (!session.json)
    session.terminal.write(
      previewLines(file, preview)
        .map((line) => `${oneLine(line)}\n`)
        .join(''),
    );
  if (isOn(input, 'dry-run')) return endDryRun(session, preview);
  if (!(await mayOrder(session, input, preview))) return EXIT.failed;
  return orderAll(session, batches, content.orders, preview);
}

function keysOf(input: Input): (content: unknown, nth: number) => string {
  const given = textOf(input, 'idempotency-key');
  if (given !== undefined) return (content, nth) => `${given}-${requestKey(content, nth).slice(-16)}`;
  return isOn(input, 'again') ? () => randomUUID() : requestKey;
}

/** What would come of all batches, or the exit code when the API refuses one. */
async function tryAll(
  { api, terminal, json }: Session,
  batches: Batch[],
  file: string,
): Promise<Answer<DryBatch>[] | number> {
  const tried: Answer<DryBatch>[] = [];
  for (const batch of batches) {
    try {
      tried.push(await tryBatch(api, batch));
    } catch (error) {
      const faults = placedFaults(error, batch);
      if (faults.length === 0) throw error;
      return refuse({ terminal, json }, file, faults);
    }
  }
  return tried;
}

function refuse(
  { terminal }: Pick<Session, 'terminal' | 'json'>,
  file: string,
  faults: readonly string[],
): number {
  for (const fault of faults.slice(0, FAULTS_SHOWN)) terminal.error(oneLine(`${file}, ${fault}`));
  if (faults.length > FAULTS_SHOWN) terminal.error(`and ${faults.length - FAULTS_SHOWN} more`);
  terminal.error('error: nothing was ordered; mend the file and run the same command again');
  return EXIT.badInput;
}

function endDryRun({ terminal, json }: Session, preview: Preview): number {
  const { estimates: _, ...shown } = preview;
  terminal.write(json ? jsonLine({ dry_run: true, ...shown }) : 'A dry run: nothing is ordered.\n');
  return EXIT.completed;
}

async function mayOrder(session: Session, input: Input, { estimates }: Preview): Promise<boolean> {
  const { terminal } = session;
  if (estimates.length === 0) return true;
  const what = `order ${estimates.length} ${estimates.length === 1 ? 'video' : 'videos'}`;
  if (await confirm(terminal, what, isOn(input, 'yes'))) return true;
  terminal.error('Nothing was ordered.');
  return false;
}

async function orderAll(
  { api, json, terminal }: Session,
  batches: Batch[],
  orders: FileOrder[],
  preview: Preview,
): Promise<number> {
  const videos: AcceptedBatch['videos'] = [];
  for (const [index, batch] of batches.entries()) {
    const answer = await orderBatch(api, batch).catch((error: CliError) => {
      throw cut(error, videos.length, orders.length);
    });
    videos.push(...answer.body.videos);
    const what = answer.replayed ? 'were ordered before' : 'are ordered';
    const line = `batch ${index + 1} of ${batches.length}: ${answer.body.videos.length} ${what}`;
    if (!json) terminal.write(`${line}\n`);
  }
  const { ordered_before, estimated_cost } = preview;
  if (json) terminal.write(jsonLine({ videos, ordered_before, estimated_cost }));
  else terminal.write('To watch them: npm run ytempire -- watch --all\n');
  return EXIT.completed;
}

function cut(error: CliError, done: number, all: number): CliError {
  const progress = `${done} of ${all} are ordered; run the same command again later, it orders none twice`;
  return new CliError(error.exitCode ?? EXIT.failed, `${error.message}; ${progress}`, error);
}
