import type { z } from 'zod';
import type { acceptedBatch, dryBatch } from '../../api/openapi/answers.ts';
import { MAX_BATCH } from '../../api/order-schema.ts';
import { MAX_BODY_BYTES } from '../../domain/order-limits.ts';
import { type Answer, ask, Refusal } from '../client/api-client.ts';
import type { FileOrder } from './file-order.ts';
import { requestKey } from './request-key.ts';

export type DryBatch = z.output<typeof dryBatch>;
export type AcceptedBatch = z.output<typeof acceptedBatch>;

/** Orders that are sent in one call. */
export interface Batch {
  orders: FileOrder[];
  /** Idempotency-Key of the call. */
  key: string;
}

/** What stands around the orders of a body. */
const FRAME_BYTES = 200;

/** Cuts orders into batches that the API takes: not too many, and no body too large. */
export function batchesOf(
  orders: readonly FileOrder[],
  key: (content: unknown, nth: number) => string = requestKey,
): Batch[] {
  const cuts: FileOrder[][] = [];
  let bytes = 0;
  for (const order of orders) {
    const size = Buffer.byteLength(JSON.stringify(order.fields)) + 1;
    const last = cuts.at(-1);
    const fits =
      last !== undefined && last.length < MAX_BATCH && bytes + size <= MAX_BODY_BYTES - FRAME_BYTES;
    if (fits) last.push(order);
    else cuts.push([order]);
    bytes = fits ? bytes + size : size;
  }
  const seen = new Map<string, number>();
  return cuts.map((cut) => {
    const content = cut.map(({ fields }) => fields);
    const nth = seen.get(JSON.stringify(content)) ?? 0;
    seen.set(JSON.stringify(content), nth + 1);
    return { orders: cut, key: key(content, nth) };
  });
}

/** What would come of a batch; `replayed`: it was ordered before. */
export function tryBatch(api: string, batch: Batch): Promise<Answer<DryBatch>> {
  return send<DryBatch>(api, batch, true);
}

export function orderBatch(api: string, batch: Batch): Promise<Answer<AcceptedBatch>> {
  return send<AcceptedBatch>(api, batch, false);
}

function send<T>(api: string, { orders, key }: Batch, dry_run: boolean): Promise<Answer<T>> {
  const body = { orders: orders.map(({ fields }) => fields), dry_run };
  const headers = { 'idempotency-key': key };
  return ask<T>(api, '/pipeline/batch', 'the orders were refused', { method: 'POST', body, headers });
}

/** What the API found wrong with orders, by the place in their file; none when it refused for another reason. */
export function placedFaults(error: unknown, { orders }: Batch): string[] {
  if (!(error instanceof Refusal)) return [];
  return (error.problem.errors ?? []).flatMap(({ field, message }) => {
    const [, index = '', name = 'order'] = /^orders\.(\d+)(?:\.(.+))?$/.exec(field) ?? [];
    const order = orders[Number(index)];
    return index === '' || order === undefined ? [] : [`${order.where(name)}: ${message}`];
  });
}
