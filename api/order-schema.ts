import { z } from 'zod';
import { DEFAULT_CAP, MIN_CAP } from '../domain/budget.ts';
import { formatDollars } from '../domain/money.ts';
import {
  DEFAULT_DURATION_S,
  DEFAULT_PRIORITY,
  MAX_ARTICLE_BYTES,
  MAX_DURATION_S,
  MAX_LABEL_CHARS,
  MAX_MEDIA,
  MAX_PRIORITY,
  MAX_PROMPT_CHARS,
  MAX_SCRIPT_CHARS,
  MAX_TITLE_CHARS,
  MAX_URL_CHARS,
  MIN_DURATION_S,
  MIN_PRIORITY,
  textFault,
} from '../domain/order-limits.ts';
import { ASPECTS, CAPTION_STYLES, COMPLEXITIES, DEFAULT_CAPTIONS, type Order } from '../domain/video.ts';
import { MAX_WEBHOOK_URL_CHARS } from '../infra/network/webhook-url.ts';
import { dollarsFrom } from './dollars.ts';
import { undrawable } from './undrawable-text.ts';

const MAX_LABELS = 30;
const SOURCES = ['prompt', 'script', 'article'] as const;

/** `drawn` is text that the video shows. */
function text(bound: { chars?: number; bytes?: number; drawn?: true }) {
  const checked = z.string().superRefine((value, context) => {
    const fault = textFault(value, bound) ?? (bound.drawn ? undrawable(value) : null);
    if (fault) context.addIssue({ code: 'custom', message: fault });
  });
  return checked.meta({ minLength: 1, maxLength: bound.chars ?? bound.bytes });
}

function line(chars: number, drawn?: { drawn: true }) {
  return text({ chars, ...drawn })
    .regex(/^[^\r\n\t]*$/, 'must be one line')
    .transform((value) => value.trim());
}

function wholeNumber(least: number, most: number) {
  const message = `must be a whole number from ${least} to ${most}`;
  return z.number(message).int(message).min(least, message).max(most, message);
}

function oneOf<const T extends readonly string[]>(known: T) {
  return z.enum(known, `must be one of ${known.join(', ')}`);
}

const moment = z.iso.datetime({ offset: true, error: 'must be a time such as 2030-01-31T18:00:00Z' });

const NOT_AHEAD = 'must be in the future';

const isOver = (time: string) => Date.parse(time) <= Date.now();

export const futureTime = moment.refine((time) => !isOver(time), NOT_AHEAD);

const fields = {
  user_id: line(MAX_LABEL_CHARS).default('default').describe('Label of who ordered; no authentication'),
  channel_id: line(MAX_LABEL_CHARS).default('default').describe('Channel that the video is for'),
  prompt: text({ chars: MAX_PROMPT_CHARS, drawn: true })
    .optional()
    .describe('A topic; one of prompt, script, article is needed'),
  script: text({ chars: MAX_SCRIPT_CHARS, drawn: true })
    .optional()
    .describe('A narration, spoken word for word'),
  article: text({ bytes: MAX_ARTICLE_BYTES, drawn: true })
    .optional()
    .describe('Plain text or Markdown to make it from'),
  priority: wholeNumber(MIN_PRIORITY, MAX_PRIORITY)
    .default(DEFAULT_PRIORITY)
    .describe('The highest is first'),
  complexity: oneOf(COMPLEXITIES).default('simple').describe('Which lane makes it'),
  keywords: z
    .array(line(MAX_LABEL_CHARS))
    .max(MAX_LABELS)
    .default([])
    .describe('Footage is looked for by them too, and they become tags'),
  duration: wholeNumber(MIN_DURATION_S, MAX_DURATION_S)
    .default(DEFAULT_DURATION_S)
    .describe('Wanted seconds'),
  aspect: oneOf(ASPECTS).default('16:9').describe('Shape of the picture'),
  language: z
    .string()
    .regex(/^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$/, 'must be a language code such as "en" or "pt-BR"')
    .default('en')
    .describe('Language of the text and the voice, such as en or pt-BR'),
  voice: line(MAX_LABEL_CHARS)
    .optional()
    .describe('A voice by its name; "npm run voices -- list" shows them'),
  captions: oneOf(CAPTION_STYLES).default(DEFAULT_CAPTIONS).describe('Look of the captions in the picture'),
  music: line(MAX_LABEL_CHARS)
    .optional()
    .describe('"soft", or a track of MUSIC_DIR by its file name without the ending'),
  media: z
    .array(z.uuid().toLowerCase())
    .max(MAX_MEDIA)
    .refine((ids) => new Set(ids).size === ids.length, 'names one of them twice')
    .optional()
    .describe('Own clips and images (POST /media), shown first, in the order of the scenes'),
  title: line(MAX_TITLE_CHARS, { drawn: true }).optional().describe('Instead of the one that is found'),
  source_url: z
    .url({ protocol: /^https?$/, error: 'must be an address such as https://example.org/article' })
    .refine((address) => !/^[^/]*\/\/[^/]*@/.test(address), 'must name no user or password')
    .transform((address) => new URL(address).href)
    .refine((address) => address.length <= MAX_URL_CHARS, `is longer than ${MAX_URL_CHARS} characters`)
    .optional()
    .describe('Page that the text comes from; linked in the description'),
  tags: z.array(line(MAX_LABEL_CHARS)).max(MAX_LABELS).default([]).describe('Added to those that are found'),
  publish: z
    .boolean('must be true or false')
    .default(false)
    .describe('Upload it, private, to the YouTube account of its channel, which must be connected'),
  publish_at: moment.optional().describe('With publish: when YouTube makes it public'),
  webhook_url: z
    .string()
    .max(MAX_WEBHOOK_URL_CHARS)
    .optional()
    .describe('Is posted the end of the video, signed: https and a public address (docs/webhooks.md)')
    .meta({ format: 'uri' }),
  max_cost: dollarsFrom(MIN_CAP, DEFAULT_CAP)
    .default(DEFAULT_CAP)
    .describe(
      `Most that it may cost, ${formatDollars(MIN_CAP)} to ${formatDollars(DEFAULT_CAP)}, which is the default`,
    ),
};

function oneSource(
  order: Partial<Record<(typeof SOURCES)[number], string | undefined>>,
  context: z.RefinementCtx,
) {
  const given = SOURCES.filter((name) => order[name] !== undefined);
  if (given.length === 1) return;
  const what = given.length === 0 ? 'none is given' : `${given.join(' and ')} are given`;
  context.addIssue({
    code: 'custom',
    message: `exactly one of prompt, script, article is needed; ${what}`,
  });
}

function publishWhenAsked({ publish, publish_at }: PublishFields, context: z.RefinementCtx) {
  if (publish_at === undefined || publish) return;
  context.addIssue({ code: 'custom', path: ['publish_at'], message: 'needs "publish": true' });
}

type PublishFields = { publish?: boolean | undefined; publish_at?: string | undefined };

const dryRun = z.boolean().default(false).describe('Answer what would happen, and queue nothing');

/** An order as it is sent; the OpenAPI document is made from it too. */
export const orderSchema = z
  .strictObject({ ...fields, dry_run: dryRun })
  .superRefine(oneSource)
  .superRefine(publishWhenAsked);

/** Orders of one call. */
export const MAX_BATCH = 100;

/** Orders that are taken all or none. */
export const batchSchema = z.strictObject({
  orders: z
    .array(z.strictObject(fields).superRefine(oneSource).superRefine(publishWhenAsked))
    .min(1)
    .max(MAX_BATCH),
  dry_run: dryRun,
});

export interface FieldFault {
  /** Dotted path into the order, or "order" for the whole. */
  field: string;
  message: string;
}

/** Orders in full, or everything that is wrong with them: each fault names its field. */
export type ReadOrders = { orders: Order[]; dryRun: boolean } | { faults: FieldFault[] };

export function readOrder(body: unknown): ReadOrders {
  const parsed = orderSchema.safeParse(body, { reportInput: false });
  if (!parsed.success) return { faults: parsed.error.issues.flatMap(faultsOf) };
  const { dry_run, ...order } = parsed.data;
  return { orders: [orderOf(order)], dryRun: dry_run };
}

/** The fields of a fault begin with `orders.` and the index of the order. */
export function readBatch(body: unknown): ReadOrders {
  const parsed = batchSchema.safeParse(body, { reportInput: false });
  if (!parsed.success) return { faults: parsed.error.issues.flatMap(faultsOf) };
  return { orders: parsed.data.orders.map(orderOf), dryRun: parsed.data.dry_run };
}

/** Orders that are to be public at a time that is over. */
export function timeFaults(orders: readonly Order[], prefixOf: (index: number) => string): FieldFault[] {
  return orders.flatMap(({ publish_at }, index) =>
    publish_at !== undefined && isOver(publish_at)
      ? [{ field: `${prefixOf(index)}publish_at`, message: NOT_AHEAD }]
      : [],
  );
}

function orderOf(sent: z.output<typeof batchSchema>['orders'][number]): Order {
  const { prompt, script, article, title, source_url, voice, music, media, ...others } = sent;
  const { publish, publish_at, webhook_url, ...rest } = others;
  return {
    ...rest,
    ...(prompt !== undefined && { prompt: prompt.trim() }),
    ...(script !== undefined && { script }),
    ...(article !== undefined && { article }),
    ...(title !== undefined && { title }),
    ...(source_url !== undefined && { source_url }),
    ...(voice !== undefined && { voice }),
    ...(music !== undefined && { music }),
    ...(media !== undefined && { media }),
    ...(publish && { publish }),
    ...(webhook_url !== undefined && { webhook_url }),
    ...(publish_at !== undefined && { publish_at: new Date(publish_at).toISOString() }),
  };
}

function faultsOf(issue: z.core.$ZodIssue): FieldFault[] {
  const path = issue.path.map(String);
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      field: [...path, printable(key)].join('.'),
      message: 'is not a field of an order',
    }));
  }
  return [{ field: path.join('.') || 'order', message: issue.message }];
}

/** A field's name comes from the sender: it must not break a line or fill the answer. */
function printable(name: string): string {
  return JSON.stringify(name.slice(0, MAX_LABEL_CHARS)).slice(1, -1);
}
