import type { Context, Handler } from 'hono';
import { toDollars } from '../../domain/money.ts';
import type { Order } from '../../domain/video.ts';
import { ESTIMATED_TIME_S } from '../../domain/video.ts';
import { supportsLanguage } from '../../infra/languages.ts';
import { submitOrder } from '../../infra/orders.ts';
import type { ApiDeps } from '../app.ts';
import { ProblemError } from '../errors.ts';
import { linksOf } from '../links.ts';
import { type FieldFault, readOrder } from '../order-schema.ts';

/** POST /pipeline/queue: 202 = the order is in Postgres and is not lost from then on. */
export function queueRoute(deps: ApiDeps): Handler {
  return async (context) => {
    const order = await orderOf(context);
    if (!supportsLanguage(deps.config, order.language)) throw noVoice(order.language);
    const answer = await submitOrder(deps, order);
    if (!answer.accepted) throw queueFull(deps.config.queueMax, answer.retry_after_s);
    const { video_id, position, estimated_cost } = answer;
    const body = {
      video_id,
      status: position === null ? 'processing' : 'queued',
      position,
      estimated_cost: toDollars(estimated_cost),
      estimated_time: ESTIMATED_TIME_S,
      links: linksOf(deps.config, video_id),
    };
    return context.json(body, 202, { location: body.links.status });
  };
}

async function orderOf(context: Context): Promise<Order> {
  const read = readOrder(parseJson(await context.req.arrayBuffer()));
  if ('order' in read) return read.order;
  throw invalidOrder(read.faults);
}

function noVoice(language: string): ProblemError {
  const message = `no voice here speaks "${language}": set OPENAI_API_KEY, SPEECH_BASE_URL or TTS_COMMAND, or order "en"`;
  return invalidOrder([{ field: 'language', message }]);
}

function invalidOrder(errors: FieldFault[]): ProblemError {
  const detail = errors.map(({ field, message }) => `${field}: ${message}`).join('; ');
  return new ProblemError(422, 'invalid_order', detail, { fields: { errors } });
}

function parseJson(body: ArrayBuffer): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    throw new ProblemError(400, 'invalid_json', 'The body is not JSON as UTF-8.');
  }
}

function queueFull(queueMax: number, retryAfterS: number): ProblemError {
  const detail = `${queueMax} orders wait already; try again in ${retryAfterS} s.`;
  return new ProblemError(429, 'queue_full', detail, { headers: { 'retry-after': String(retryAfterS) } });
}
