import { randomUUID } from 'node:crypto';
import { type Accepted, ask } from '../client/api-client.ts';
import { badInput, EXIT } from '../client/cli-error.ts';
import { formatAge, formatAmount, formatTime, jsonLine } from '../client/format.ts';
import { readText } from '../client/read-text.ts';
import { checkOrder, flaggedFields, ORDER_HELP, ORDER_OPTIONS } from '../orders/order-flags.ts';
import { requestKey } from '../orders/request-key.ts';
import { type Command, type Input, isOn, type Session, textOf } from './command.ts';
import { submitFile } from './submit-file.ts';
import { followVideo } from './watch.ts';

export const submit: Command = {
  usage: `Orders a video from a topic, an article or a finished script, or a file of them.

  npm run ytempire -- submit "topic"
  npm run ytempire -- submit --article FILE|-    from a text, Markdown or plain (- reads standard input)
  npm run ytempire -- submit --script FILE|-     a narration, spoken word for word
  npm run ytempire -- submit --file FILE         each line of a CSV file, or bullet of a Markdown list; shows first
                                                 what it would cost, and asks

${ORDER_HELP}
  --wait                 watch it to its end
  --dry-run              say what would happen, and order nothing
  --yes                  with --file: do not ask; needed where nobody can be asked
  --idempotency-key KEY  by which the API knows this order again; made from its content without it, so that the same
                         command again, within a week, answers with the same video
  --again                a new video, whatever was ordered before
`,
  options: {
    ...ORDER_OPTIONS,
    ...Object.fromEntries(
      ['article', 'script', 'file', 'idempotency-key'].map((name) => [name, { type: 'string' as const }]),
    ),
    ...Object.fromEntries(
      ['wait', 'dry-run', 'yes', 'again'].map((name) => [name, { type: 'boolean' as const }]),
    ),
  },
  async run(input, session) {
    if (isOn(input, 'again') && textOf(input, 'idempotency-key') !== undefined) {
      throw badInput('--again and --idempotency-key', 'cannot be given together', 'choose one');
    }
    const source = sourceOf(input);
    if (source.name === 'file') return submitFile(session, input, source.value, flaggedFields(input.values));
    const order = { ...(await textFrom(source, session)), ...flaggedFields(input.values) };
    checkOrder(order, input.values, 'npm run ytempire -- submit --help');
    return submitOne(session, input, order);
  },
};

interface Source {
  name: 'prompt' | 'article' | 'script' | 'file';
  value: string;
}

function sourceOf(input: Input): Source {
  const topic = input.positionals.length > 0 ? input.positionals.join(' ') : undefined;
  const given: Source[] = [
    ...(topic === undefined ? [] : [{ name: 'prompt' as const, value: topic }]),
    ...(['article', 'script', 'file'] as const).flatMap((name) => {
      const value = textOf(input, name);
      return value === undefined ? [] : [{ name, value }];
    }),
  ];
  const [source, second] = given;
  if (source === undefined)
    throw badInput(
      'no topic',
      'nothing says what the video is about',
      'try npm run ytempire -- submit "octopus hearts"',
    );
  if (second === undefined) return source;
  const names = given.map(({ name }) => (name === 'prompt' ? 'a topic' : `--${name}`));
  throw badInput(names.join(' and '), 'cannot be given together', 'choose one');
}

async function textFrom({ name, value }: Source, { terminal }: Session): Promise<Record<string, string>> {
  return {
    [name]: name === 'article' || name === 'script' ? await readText(name, value, terminal.stdin) : value,
  };
}

async function submitOne(session: Session, input: Input, order: Record<string, unknown>): Promise<number> {
  const { api, json, terminal } = session;
  const startedMs = Date.now();
  const dryRun = isOn(input, 'dry-run');
  const key = textOf(input, 'idempotency-key') ?? (isOn(input, 'again') ? randomUUID() : requestKey(order));
  const { body, replayed } = await ask<Accepted>(api, '/pipeline/queue', 'the order was refused', {
    method: 'POST',
    body: dryRun ? { ...order, dry_run: true } : order,
    headers: { 'idempotency-key': key },
  });
  const waits = isOn(input, 'wait') && !dryRun;
  if (!json) tell(session, body, replayed, dryRun);
  else if (!waits) terminal.write(jsonLine({ ...body, replayed }));
  if (!waits) return EXIT.completed;
  return followVideo(session, {
    videoId: body.video_id,
    temporal: body.links.temporal,
    startedMs,
    fromMs: 0,
  });
}

function tell({ terminal }: Session, body: Accepted, replayed: boolean, dryRun: boolean): void {
  const place =
    body.position === null ? 'goes into production at once' : `waits at position ${body.position}`;
  const ready =
    body.eta === null
      ? ''
      : `, ready about ${formatTime(body.eta)} (in ${formatAge(Date.parse(body.eta) - Date.now())})`;
  const cost = `estimated ${formatAmount(body.estimated_cost)}`;
  if (dryRun) {
    const before = replayed ? 'It was ordered before: this would order nothing. ' : '';
    terminal.write(`${before}A dry run, nothing is ordered: it ${place}, ${cost}${ready}\n`);
    return;
  }
  terminal.write(`Video ${body.video_id}\n`);
  if (replayed) terminal.write('It was ordered before, so nothing new was; --again orders it once more.\n');
  else terminal.write(`It ${place}, ${cost}${ready}\n`);
  terminal.write(`To watch it: npm run ytempire -- watch ${body.video_id.slice(0, 8)}\n`);
}
