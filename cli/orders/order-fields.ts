import { z } from 'zod';
import { type FieldFault, orderSchema, readOrder } from '../../api/order-schema.ts';

/** A field of an order as it is written in words: a flag, a cell, or "key: value". */
export interface OrderField {
  name: string;
  /** Without its dashes; `channel` for channel_id, as in npm run video. */
  flag: string;
  kind: 'text' | 'number' | 'list' | 'yes or no';
  /** What it is for, and what it may be. */
  description: string;
}

interface Property {
  type?: string | string[];
  enum?: string[];
  description?: string;
  minimum?: number;
  maximum?: number;
  default?: unknown;
}

const KINDS: Record<string, OrderField['kind']> = { integer: 'number', boolean: 'yes or no', array: 'list' };

/** Every field of an order, made from its schema: a new one is here by itself. */
export const ORDER_FIELDS: readonly OrderField[] = Object.entries(propertiesOf())
  .filter(([name]) => name !== 'dry_run')
  .map(([name, property]) => ({
    name,
    flag: name.replace(/_id$/, '').replaceAll('_', '-'),
    kind: KINDS[String(property.type)] ?? 'text',
    description: describe(property),
  }));

function propertiesOf(): Record<string, Property> {
  return z.toJSONSchema(orderSchema, { io: 'input' }).properties as Record<string, Property>;
}

function describe({
  description = '',
  minimum,
  maximum,
  enum: choices,
  default: standard,
}: Property): string {
  const range = minimum === undefined || maximum === undefined ? [] : [`${minimum} to ${maximum}`];
  const all = [description, ...range, ...(choices ? [choices.join(', ')] : [])].join('; ');
  const isTold = /default/.test(description) || !['string', 'number'].includes(typeof standard);
  return isTold ? all : `${all} (${standard})`;
}

const YES = /^(true|yes|1)$/i;
const NO = /^(false|no|0)$/i;

/** The value that a text stands for. One that fits nothing stays text: the order's check says what is wrong with it. */
export function valueFrom({ kind }: OrderField, text: string): unknown {
  if (kind === 'number') return /^\d{1,9}$/.test(text.trim()) ? Number(text) : text;
  if (kind === 'yes or no') return YES.test(text.trim()) || (NO.test(text.trim()) ? false : text);
  if (kind !== 'list') return text;
  return text
    .split(/[;,]/)
    .map((each) => each.trim())
    .filter((each) => each !== '');
}

/** Everything that is wrong with an order, by its fields. */
export function faultsOf(order: Record<string, unknown>): FieldFault[] {
  const read = readOrder(order);
  return 'faults' in read ? read.faults : [];
}
