import { signal } from '@preact/signals';
import { DEFAULT_CAP } from '../../../domain/budget.ts';
import { MICROS_PER_DOLLAR } from '../../../domain/money.ts';
import { DEFAULT_DURATION_S, DEFAULT_PRIORITY } from '../../../domain/order-limits.ts';
import { DEFAULT_CAPTIONS } from '../../../domain/video.ts';

export const SOURCES = ['prompt', 'article', 'script'] as const;
export type Source = (typeof SOURCES)[number];

/** What stands in the form: texts, as the fields hold them. */
export interface Draft {
  source: Source;
  text: string;
  title: string;
  channel_id: string;
  complexity: string;
  priority: string;
  duration: string;
  aspect: string;
  language: string;
  voice: string;
  music: string;
  captions: string;
  max_cost: string;
  webhook_url: string;
}

export const EMPTY: Draft = {
  source: 'prompt',
  text: '',
  title: '',
  channel_id: 'default',
  complexity: 'simple',
  priority: String(DEFAULT_PRIORITY),
  duration: String(DEFAULT_DURATION_S),
  aspect: '16:9',
  language: 'en',
  voice: '',
  music: '',
  captions: DEFAULT_CAPTIONS,
  max_cost: String(DEFAULT_CAP / MICROS_PER_DOLLAR),
  webhook_url: '',
};

/** Kept while the reader is on another page. */
export const draft = signal<Draft>(EMPTY);

/** The body of the order. What cannot be read goes as it is, so that the API names the fault at its field. */
export function orderOf({
  source,
  text,
  title,
  voice,
  music,
  priority,
  duration,
  webhook_url,
  ...rest
}: Draft): Record<string, unknown> {
  return {
    ...rest,
    [source]: text,
    priority: numberOr(priority),
    duration: numberOr(duration),
    ...(title.trim() && { title }),
    ...(voice && { voice }),
    ...(music && { music }),
    ...(webhook_url.trim() && { webhook_url }),
  };
}

function numberOr(text: string): number | string {
  return text.trim() !== '' && Number.isFinite(Number(text)) ? Number(text) : text;
}

/** Fields of the API by the field of the form that shows their faults. */
export function fieldOf(name: string): keyof Draft {
  if (name === 'order' || (SOURCES as readonly string[]).includes(name)) return 'text';
  return name as keyof Draft;
}

let sent: { body: string; key: string } | null = null;

/**
 * The Idempotency-Key of a body: the same for as long as the body stays, so that a double click, or a try after an
 * answer that was lost, makes no second video.
 */
export function requestKeyOf(body: string): string {
  if (sent?.body !== body) sent = { body, key: randomKey() };
  return sent.key;
}

/** After an order was taken the next one is a new one, also with the same words. */
export function forgetRequestKey(): void {
  sent = null;
}

/** `crypto.randomUUID` is not there on plain HTTP. */
function randomKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
