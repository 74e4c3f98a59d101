import { checkOrder, flaggedFields, ORDER_HELP, ORDER_OPTIONS } from '../orders/order-flags.ts';
import { badInput } from './cli-error.ts';
import { parseOptions } from './options.ts';

export const USAGE = `Makes a video from a topic, an article or a finished script.

  npm run video -- "topic"                 a video about the topic
  npm run video -- --article FILE|-        from a text, Markdown or plain (- reads standard input)
  npm run video -- --script FILE|-         a narration, spoken word for word
  npm run video -- --watch ID              back to a video that was ordered before
  npm run video -- --retry ID              an ended video again, from the stage where it failed

${ORDER_HELP}
  --out DIR              where the finished folder goes (./out)
  --json                 one JSON object per event, and the result as the last one
  --help                 this text

Exit code: 0 completed, 1 failed or cancelled, 2 bad input, 3 waits for the operator, 130 stopped watching.
`;

const HELP = 'npm run video -- --help';

const OPTIONS = {
  article: { type: 'string' },
  script: { type: 'string' },
  watch: { type: 'string' },
  retry: { type: 'string' },
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

/** Reads the command line; throws a CliError that names the first option that is wrong. */
export function readArguments(argv: string[]): VideoCommand {
  const { values, positionals } = parseOptions(argv, { ...ORDER_OPTIONS, ...OPTIONS }, HELP);
  const own: Own = values;
  if (own.help) return { kind: 'help' };
  const shared = { out: own.out ?? 'out', json: own.json ?? false };
  if (shared.out.trim() === '') throw badInput('--out', 'is blank', 'name a folder');
  const topic = positionals.length > 0 ? positionals.join(' ') : undefined;
  refuseTwoSources(own, topic);
  for (const kind of ['watch', 'retry'] as const) {
    const id = own[kind];
    if (id === undefined) continue;
    refuseFlags(kind, values);
    return { kind, id: videoId(kind, id), ...shared };
  }
  const source = sourceOf(own, topic);
  const fields = flaggedFields(values);
  checkOrder({ prompt: topic?.trim() ?? READ_LATER, ...fields }, values, HELP);
  return { kind: 'order', source, fields, ...shared };
}

/** In the place of an article or a script, which is checked when it is read. */
const READ_LATER = 'text';

type Own = Partial<Record<Exclude<keyof typeof OPTIONS, 'json' | 'help'>, string>> & {
  json?: boolean;
  help?: boolean;
};

function refuseTwoSources(values: Own, topic: string | undefined): void {
  const given = [
    topic !== undefined && 'a topic',
    ...(['article', 'script', 'watch', 'retry'] as const).map(
      (name) => values[name] !== undefined && `--${name}`,
    ),
  ].filter((name) => name !== false);
  if (given.length < 2) return;
  throw badInput(given.join(' and '), 'cannot be given together', 'choose one');
}

/** A video keeps what it was ordered with. */
function refuseFlags(kind: 'watch' | 'retry', values: Record<string, unknown>): void {
  const first = Object.keys(ORDER_OPTIONS).find((flag) => values[flag] !== undefined);
  if (first === undefined) return;
  throw badInput(`--${kind} and --${first}`, 'cannot be given together', `leave --${first} away`);
}

function sourceOf(values: Own, topic: string | undefined): Source {
  if (values.article !== undefined) return { article: values.article };
  if (values.script !== undefined) return { script: values.script };
  if (topic === undefined) {
    throw badInput(
      'no topic',
      'nothing says what the video is about',
      'try npm run video -- "octopus hearts"',
    );
  }
  return { topic: topic.trim() };
}

function videoId(option: string, value: string): string {
  if (/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(value)) return value.toLowerCase();
  throw badInput(
    `--${option} ${JSON.stringify(value.slice(0, 60))}`,
    'is not the id of a video',
    'give the id that the order printed',
  );
}
