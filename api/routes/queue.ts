import type { Context, Handler } from 'hono';
import { parseDollars, toDollars } from '../../domain/money.ts';
import type { Order } from '../../domain/video.ts';
import { readCostHistory } from '../../infra/money/costs-history.ts';
import { readRoomToday } from '../../infra/money/room.ts';
import { findAnswer, hashOf, type RequestKey } from '../../infra/queue/order-requests.ts';
import type { AcceptedOrder } from '../../infra/queue/order-rows.ts';
import { submitOrders } from '../../infra/queue/orders.ts';
import { supportsLanguage, writesTopic } from '../../infra/text/languages.ts';
import { callerOf } from '../access/caller.ts';
import type { ApiDeps } from '../app.ts';
import { type Catalogue, catalogueOf } from '../catalogue.ts';
import { ProblemError } from '../errors.ts';
import { linksOf } from '../links.ts';
import { channelFaults } from '../order-channels.ts';
import { mediaFaults } from '../order-media.ts';
import { type FieldFault, readBatch, readOrder, timeFaults } from '../order-schema.ts';
import { webhookFaults } from '../order-webhook.ts';
import { readJsonBody } from '../read-body.ts';

/** POST /pipeline/queue: 202 = the order is in Postgres and is not lost from then on. */
export function queueRoute(deps: ApiDeps): Handler {
  return async (context) => {
    const { videos, dryRun } = await submit(deps, context, 'one');
    const [video] = videos as [AcceptedOrder];
    if (dryRun) return context.json(dryAnswer(video));
    const body = { ...video, links: linksOf(deps.config, video.video_id) };
    return context.json(body, 202, { location: body.links.status });
  };
}

/** POST /pipeline/batch: all of the orders are taken, or none. */
export function batchRoute(deps: ApiDeps): Handler {
  return async (context) => {
    const { videos, dryRun, orders } = await submit(deps, context, 'batch');
    const total = videos.reduce((sum, { estimated_cost }) => sum + parseDollars(estimated_cost), 0);
    const estimated_cost = toDollars(total);
    if (dryRun) {
      const history = await historyOf(deps, orders);
      const left_today = await readRoomToday(deps, new Set(orders.map(({ channel_id }) => channel_id)));
      return context.json({ videos: videos.map(dryAnswer), estimated_cost, history, left_today });
    }
    const linked = videos.map((video) => ({ ...video, links: linksOf(deps.config, video.video_id) }));
    return context.json({ videos: linked, estimated_cost }, 202);
  };
}

async function submit(deps: ApiDeps, context: Context, kind: 'one' | 'batch') {
  const requestKey = requestKeyOf(context);
  const body = await readJsonBody(context);
  const given = kind === 'one' ? readOrder(body) : readBatch(body);
  if ('faults' in given) throw invalidOrder(given.faults);
  const { orders, dryRun } = given;
  const faults = await faultsNow(deps, orders, (index) => (kind === 'batch' ? `orders.${index}.` : ''));
  // What was taken with this key stays taken, though the same order would not be now.
  const isKnown = async () =>
    requestKey && (await findAnswer(deps.pool, requestKey, hashOf(kind, orders))) !== null;
  if (faults.length > 0 && !(await isKnown())) throw invalidOrder(faults);
  const answer = await submitOrders(deps, orders, { kind, dryRun, requestKey });
  if (answer.accepted) {
    if (answer.replayed) context.header('idempotent-replayed', 'true');
    return { videos: answer.videos, dryRun, orders };
  }
  if (answer.code === 'queue_full') throw queueFull(deps.config.queueMax, answer.retry_after_s);
  const detail = 'This Idempotency-Key came before with another body; use a new one for each order.';
  throw new ProblemError(422, 'idempotency_conflict', detail);
}

/** What videos like these have cost, beside what is estimated. */
async function historyOf(deps: ApiDeps, orders: readonly Order[]) {
  const complexities = new Set(orders.map(({ complexity }) => complexity));
  const history = await readCostHistory(deps.pool);
  return Object.fromEntries([...complexities].map((complexity) => [complexity, history[complexity]]));
}

/** Nothing was queued, so there is no video to name. */
function dryAnswer({ video_id: _, ...answer }: AcceptedOrder) {
  return { dry_run: true, ...answer };
}

/** What is wrong with orders by the time, the configuration and what there is. */
async function faultsNow(
  deps: ApiDeps,
  orders: readonly Order[],
  prefixOf: (index: number) => string,
): Promise<FieldFault[]> {
  const catalogue = await catalogueOf(deps);
  return [
    ...orders.flatMap((order, index) => ownFaults(deps, catalogue, order, prefixOf(index))),
    ...timeFaults(orders, prefixOf),
    ...webhookFaults(deps.config, orders, prefixOf),
    ...(await mediaFaults(deps, orders, prefixOf)),
    ...(await channelFaults(deps, orders, prefixOf)),
  ];
}

/** What an order asks for that this configuration cannot make. */
function ownFaults(deps: ApiDeps, { voices, music }: Catalogue, order: Order, prefix: string): FieldFault[] {
  return [
    ...languageFaults(deps, order, `${prefix}language`),
    ...unknownName(`${prefix}voice`, order.voice, voices),
    ...unknownName(`${prefix}music`, order.music, music),
  ];
}

function unknownName(field: string, name: string | undefined, names: readonly string[]): FieldFault[] {
  if (name === undefined || names.includes(name)) return [];
  return [
    {
      field,
      message: names.length > 0 ? `must be one of ${names.join(', ')}` : 'there is nothing to choose',
    },
  ];
}

function languageFaults({ config }: ApiDeps, { language, prompt }: Order, field: string): FieldFault[] {
  if (!supportsLanguage(config, language)) {
    const message = `no voice here speaks "${language}": set OPENAI_API_KEY, SPEECH_BASE_URL or TTS_COMMAND, or order "en"`;
    return [{ field, message }];
  }
  if (prompt === undefined || writesTopic(config, language)) return [];
  const message = `nothing here writes "${language}" from a prompt: set OPENAI_API_KEY or OPENAI_BASE_URL, or send an article or a script`;
  return [{ field, message }];
}

function invalidOrder(errors: FieldFault[]): ProblemError {
  const detail = errors.map(({ field, message }) => `${field}: ${message}`).join('; ');
  return new ProblemError(422, 'invalid_order', detail, { fields: { errors } });
}

const REQUEST_KEY = /^[\x21-\x7e]{1,200}$/;

function requestKeyOf(context: Context): RequestKey | undefined {
  const key = context.req.header('idempotency-key');
  if (key === undefined) return undefined;
  if (REQUEST_KEY.test(key)) return { owner: callerOf(context).name, key };
  const errors = [{ field: 'Idempotency-Key', message: 'must be 1 to 200 visible ASCII characters' }];
  throw new ProblemError(422, 'invalid_request', `Idempotency-Key: ${errors[0]?.message}`, {
    fields: { errors },
  });
}

function queueFull(queueMax: number, retryAfterS: number): ProblemError {
  const detail = `At most ${queueMax} orders may wait, and this does not fit; try again in ${retryAfterS} s.`;
  return new ProblemError(429, 'queue_full', detail, { headers: { 'retry-after': String(retryAfterS) } });
}
