import { didYouMean } from '../client/nearest.ts';
import { checked, type FileContent } from './file-order.ts';
import { ORDER_FIELDS, valueFrom } from './order-fields.ts';

const TOPIC = /^ ?(?:[-*+]|\d{1,9}[.)])\s+(.*)$/;
const FIELD = /^(?: {2,}|\t+ *)(?:[-*+]|\d{1,9}[.)])\s+(.*)$/;
const INDENTED = /^(?: {2,}|\t)\s*(\S.*)$/;
const KEY = /^([A-Za-z][\w -]*):\s*(.*)$/;
const NAMES = ORDER_FIELDS.map(({ name }) => name);

interface Item {
  topic: string;
  line: number;
  fields: { name: string; text: string; line: number }[];
}

/**
 * Orders of a Markdown list: each bullet is a topic, bullets below it are "key: value" of its fields, indented lines
 * go on with what they stand under. Everything else, such as headings, is not read.
 */
export function readMarkdown(text: string, defaults: Record<string, unknown>): FileContent {
  const items: Item[] = [];
  const faults: string[] = [];
  proseLines(text).forEach((line, index) => {
    if (line !== null) readLine(line, index + 1, items, faults);
  });
  if (faults.length > 0) return { faults };
  return checked(items.map((item) => orderOf(item, defaults)));
}

/** The lines, null for those of code blocks. */
function proseLines(text: string): (string | null)[] {
  let isCode = false;
  return text.split(/\r?\n/).map((line) => {
    const isFence = /^\s*(```|~~~)/.test(line);
    if (isFence) isCode = !isCode;
    return isFence || isCode ? null : line;
  });
}

function readLine(text: string, line: number, items: Item[], faults: string[]): void {
  const topic = TOPIC.exec(text)?.[1];
  if (topic !== undefined) {
    items.push({ topic: topic.trim(), line, fields: [] });
    return;
  }
  const item = items.at(-1);
  if (item === undefined) return;
  const field = FIELD.exec(text)?.[1];
  if (field !== undefined) readField(field, line, item, faults);
  else goOn(INDENTED.exec(text)?.[1], item);
}

function readField(text: string, line: number, item: Item, faults: string[]): void {
  const [, key, value = ''] = KEY.exec(text) ?? [];
  if (key === undefined) {
    faults.push(`line ${line}: a bullet under a topic must be "key: value", such as "duration: 45"`);
    return;
  }
  const name = key.trimEnd().toLowerCase().replace(/[ -]+/g, '_');
  if (NAMES.includes(name)) item.fields.push({ name, text: value, line });
  else
    faults.push(
      `line ${line}: "${key.trimEnd().slice(0, 60)}" is not a field of an order${didYouMean(name, NAMES)}`,
    );
}

function goOn(text: string | undefined, item: Item): void {
  if (text === undefined) return;
  const last = item.fields.at(-1);
  if (last) last.text += ` ${text.trim()}`;
  else item.topic += ` ${text.trim()}`;
}

function orderOf({ topic, line, fields }: Item, defaults: Record<string, unknown>) {
  const given = fields.map(({ name, text }) => {
    const field = ORDER_FIELDS.find((each) => each.name === name);
    return [name, field ? valueFrom(field, text) : text] as const;
  });
  return {
    fields: { ...defaults, prompt: topic, ...Object.fromEntries(given) },
    where: (name: string) => {
      const own = fields.find((field) => field.name === name.split('.')[0]);
      return `line ${own?.line ?? line}, ${name === 'prompt' ? 'the topic' : name}`;
    },
  };
}
