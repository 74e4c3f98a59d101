import { DEFAULT_CAP, MIN_CAP } from '../../domain/budget.ts';
import { formatDollars, parseDollars } from '../../domain/money.ts';
import {
  MAX_DURATION_S,
  MAX_LABEL_CHARS,
  MAX_PRIORITY,
  MAX_PROMPT_CHARS,
  MAX_TITLE_CHARS,
  MIN_DURATION_S,
  MIN_PRIORITY,
  textFault,
} from '../../domain/order-limits.ts';
import { ASPECTS, CAPTION_STYLES, COMPLEXITIES, DEFAULT_CAPTIONS, SOFT_MUSIC } from '../../domain/video.ts';
import { badInput } from './cli-error.ts';
import { parseOptions } from './options.ts';

export const USAGE = `Makes a video from a topic, an article or a finished script.

  npm run video -- "topic"                 a video about the topic
  npm run video -- --article FILE|-        from a text, Markdown or plain (- reads standard input)
  npm run video -- --script FILE|-         a narration, spoken word for word
  npm run video -- --watch ID              back to a video that was ordered before
  npm run video -- --retry ID              an ended video again, from the stage where it failed

  --complexity ${COMPLEXITIES.join('|')}   which lane makes it (simple)
  --priority ${MIN_PRIORITY}-${MAX_PRIORITY}          ${MAX_PRIORITY} is first (5)
  --duration SECONDS       wanted length, ${MIN_DURATION_S}-${MAX_DURATION_S} (60)
  --aspect ${ASPECTS.join('|')}   shape of the picture (16:9)
  --voice NAME             a voice of "npm run voices -- list"
  --captions ${CAPTION_STYLES.join('|')}   look of the captions in the picture (${DEFAULT_CAPTIONS})
  --music NAME             ${SOFT_MUSIC}, or a track of MUSIC_DIR (no music)
  --title TEXT             title instead of the one that is found
  --source-url URL         page that the text comes from, linked in the description
  --channel ID             channel that the video is for (default)
  --max-cost DOLLARS       most that it may cost, 0.40-3.00 (3.00)
  --out DIR                where the finished folder goes (./out)
  --json                   one JSON object per event, and the result as the last one
  --help                   this text

Exit code: 0 completed, 1 failed or cancelled, 2 bad input, 3 waits for the operator, 130 stopped watching.
`;

const OPTIONS = {
  article: { type: 'string' },
  script: { type: 'string' },
  watch: { type: 'string' },
  retry: { type: 'string' },
  complexity: { type: 'string' },
  priority: { type: 'string' },
  duration: { type: 'string' },
  aspect: { type: 'string' },
  voice: { type: 'string' },
  captions: { type: 'string' },
  music: { type: 'string' },
  title: { type: 'string' },
  'source-url': { type: 'string' },
  channel: { type: 'string' },
  'max-cost': { type: 'string' },
  out: { type: 'string' },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

/** Where the video's text comes from. */
export type Source = { topic: string } | { article: string } | { script: string };

export type VideoCommand =
  | { kind: 'help' }
  | { kind: 'watch' | 'retry'; id: string; out: string; json: boolean }
  | { kind: 'order'; source: Source; fields: Record<string, unknown>; out: string; json: boolean };

type Values = ReturnType<typeof parse>['values'];

/** Reads the command line; throws a CliError that names the first option that is wrong. */
export function readArguments(argv: string[]): VideoCommand {
  const { values, positionals } = parse(argv);
  if (values.help) return { kind: 'help' };
  const shared = { out: values.out ?? 'out', json: values.json ?? false };
  if (shared.out.trim() === '') throw badInput('--out', 'is blank', 'name a folder');
  const topic = positionals.length > 0 ? positionals.join(' ') : undefined;
  refuseTwoSources(values, topic);
  for (const kind of ['watch', 'retry'] as const) {
    const id = values[kind];
    if (id !== undefined) return { kind, id: videoId(kind, id), ...shared };
  }
  return { kind: 'order', source: sourceOf(values, topic), fields: fieldsOf(values), ...shared };
}

function parse(argv: string[]) {
  return parseOptions(argv, OPTIONS, 'npm run video -- --help');
}

function refuseTwoSources(values: Values, topic: string | undefined): void {
  const given = [
    topic !== undefined && 'a topic',
    ...(['article', 'script', 'watch', 'retry'] as const).map(
      (name) => values[name] !== undefined && `--${name}`,
    ),
  ].filter((name) => name !== false);
  if (given.length < 2) return;
  throw badInput(given.join(' and '), 'cannot be given together', 'choose one');
}

function sourceOf(values: Values, topic: string | undefined): Source {
  if (values.article !== undefined) return { article: values.article };
  if (values.script !== undefined) return { script: values.script };
  if (topic === undefined) {
    throw badInput(
      'no topic',
      'nothing says what the video is about',
      'try npm run video -- "octopus hearts"',
    );
  }
  return { topic: checkedText('the topic', topic, MAX_PROMPT_CHARS) };
}

function fieldsOf(values: Values): Record<string, unknown> {
  const { complexity, aspect, priority, duration, title, channel, 'max-cost': maxCost } = values;
  const { voice, captions, music, 'source-url': sourceUrl } = values;
  return {
    ...(complexity !== undefined && { complexity: oneOf('--complexity', complexity, COMPLEXITIES) }),
    ...(aspect !== undefined && { aspect: oneOf('--aspect', aspect, ASPECTS) }),
    ...(voice !== undefined && { voice: checkedText('--voice', voice, MAX_LABEL_CHARS) }),
    ...(captions !== undefined && { captions: oneOf('--captions', captions, CAPTION_STYLES) }),
    ...(music !== undefined && { music: checkedText('--music', music, MAX_LABEL_CHARS) }),
    ...(priority !== undefined && { priority: whole('--priority', priority, MIN_PRIORITY, MAX_PRIORITY) }),
    ...(duration !== undefined && {
      duration: whole('--duration', duration, MIN_DURATION_S, MAX_DURATION_S, ' seconds'),
    }),
    ...(title !== undefined && { title: checkedText('--title', title, MAX_TITLE_CHARS) }),
    ...(sourceUrl !== undefined && { source_url: webAddress('--source-url', sourceUrl) }),
    ...(channel !== undefined && { channel_id: checkedText('--channel', channel, MAX_LABEL_CHARS) }),
    ...(maxCost !== undefined && { max_cost: dollars(maxCost) }),
  };
}

function oneOf(option: string, value: string, known: readonly string[]): string {
  if (known.includes(value)) return value;
  throw badInput(`${option} ${quoted(value)}`, 'is not known', `use ${known.join(', ')}`);
}

function whole(option: string, value: string, least: number, most: number, unit = ''): number {
  const number = Number(value);
  if (/^\d+$/.test(value) && number >= least && number <= most) return number;
  throw badInput(
    `${option} ${quoted(value)}`,
    'is out of range',
    `use a whole number from ${least} to ${most}${unit}`,
  );
}

function dollars(value: string): string {
  const range = `use an amount in dollars from ${formatDollars(MIN_CAP)} to ${formatDollars(DEFAULT_CAP)}`;
  try {
    const micros = parseDollars(value);
    if (micros >= MIN_CAP && micros <= DEFAULT_CAP) return value.trim();
  } catch {
    throw badInput(`--max-cost ${quoted(value)}`, 'is not an amount', range);
  }
  throw badInput(`--max-cost ${quoted(value)}`, 'is out of range', range);
}

function checkedText(what: string, value: string, chars: number): string {
  const fault = textFault(value, { chars });
  if (fault) throw badInput(what, fault, 'give other words');
  return value.trim();
}

function webAddress(option: string, value: string): string {
  if (/^https?:$/.test(URL.parse(value)?.protocol ?? '')) return value;
  throw badInput(
    `${option} ${quoted(value)}`,
    'is no address of a page',
    'use one such as https://example.org/article',
  );
}

function videoId(option: string, value: string): string {
  if (/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(value)) return value.toLowerCase();
  throw badInput(
    `--${option} ${quoted(value)}`,
    'is not the id of a video',
    'give the id that the order printed',
  );
}

/** What the user typed, kept to one short line. */
function quoted(value: string): string {
  return JSON.stringify(value.slice(0, 60));
}
