import { createHash } from 'node:crypto';
import type { Order } from '../../domain/video.ts';
import type { Db } from '../stores/postgres.ts';
import type { AcceptedOrder } from './order-rows.ts';

/** An Idempotency-Key; each owner has keys of its own. */
export interface RequestKey {
  owner: string;
  key: string;
}

/** Identifies what was asked for, however the JSON was written. `kind` parts one order from a batch of one. */
export function hashOf(kind: 'one' | 'batch', orders: readonly Order[]): string {
  return createHash('sha256')
    .update(JSON.stringify([kind, orders]))
    .digest('hex');
}

/** The answer that this key had: null when it is new, `conflict` when it stood for other orders. */
export async function findAnswer(
  tx: Db,
  { owner, key }: RequestKey,
  hash: string,
): Promise<AcceptedOrder[] | 'conflict' | null> {
  const { rows } = await tx.query<{ hash: string; answer: AcceptedOrder[] }>(
    'SELECT hash, answer FROM order_requests WHERE owner = $1 AND key = $2',
    [owner, key],
  );
  const row = rows[0];
  if (!row) return null;
  return row.hash === hash ? row.answer : 'conflict';
}

/** Keeps the answer for every later call with this key, in the transaction that takes the orders. */
export async function keepAnswer(
  tx: Db,
  { owner, key }: RequestKey,
  hash: string,
  answer: readonly AcceptedOrder[],
): Promise<void> {
  await tx.query('INSERT INTO order_requests (owner, key, hash, answer) VALUES ($1, $2, $3, $4)', [
    owner,
    key,
    hash,
    JSON.stringify(answer),
  ]);
}
