import type { z } from 'zod';
import type { dayCosts, videoCosts } from '../../api/openapi/cost-answers.ts';
import { ask } from '../client/api-client.ts';
import { badInput, EXIT } from '../client/cli-error.ts';
import { formatAmount, jsonLine } from '../client/format.ts';
import { type Cell, writeFields, writeTable } from '../client/table.ts';
import type { Terminal } from '../client/terminal.ts';
import { type Command, type Session, textOf } from './command.ts';
import { resolveOne } from './video-ids.ts';

type VideoCosts = z.output<typeof videoCosts>;
type DayCosts = z.output<typeof dayCosts>;

export const costs: Command = {
  usage: `Shows what a video or a day has cost.

  npm run ytempire -- costs ID                  a video, by service and by attempt
  npm run ytempire -- costs [--date YYYY-MM-DD] a day of REPORT_TZ, today without it

  ID            its id, or the first 8 characters of it
`,
  options: { date: { type: 'string' } },
  async run(input, session) {
    const date = textOf(input, 'date');
    const { positionals } = input;
    if (positionals.length > 0 && date !== undefined)
      throw badInput('an id and --date', 'cannot be given together', 'choose one');
    if (positionals.length > 0) await showVideo(session, await resolveOne(session, positionals));
    else await showDay(session, date);
    return EXIT.completed;
  },
};

async function showVideo({ api, json, terminal }: Session, id: string): Promise<void> {
  const { body } = await ask<VideoCosts>(api, `/costs/video/${id}`, `video ${id}`);
  if (json) terminal.write(jsonLine(body));
  else writeVideo(terminal, body);
}

function writeVideo(terminal: Terminal, body: VideoCosts): void {
  const { total_cost, cap, within_budget, held, assumed, saved } = body;
  writeFields(terminal, [
    ['video', body.video_id],
    [
      'total',
      {
        text: `${formatAmount(total_cost)} of at most ${formatAmount(cap)}`,
        tone: within_budget ? 'good' : 'bad',
      },
    ],
    ['held', held > 0 ? `${formatAmount(held)} for calls under way` : null],
    [
      'assumed',
      assumed > 0 ? `${formatAmount(assumed)} of the total: nobody knows whether it was billed` : null,
    ],
    ['saved', saved > 0 ? `${formatAmount(saved)} by stored answers` : null],
  ]);
  writeServices(terminal, body.breakdown);
  const attempts = body.stages.map(({ stage, attempt, total, saved }): Cell[] => [
    stage ?? 'outside',
    attempt === null ? '-' : String(attempt),
    formatAmount(total),
    formatAmount(saved),
  ]);
  if (attempts.length === 0) return;
  terminal.write('\n');
  writeTable(
    terminal,
    [
      { title: 'STAGE' },
      { title: 'TRY', right: true },
      { title: 'COST', right: true },
      { title: 'SAVED', right: true },
    ],
    attempts,
  );
}

async function showDay({ api, json, terminal }: Session, date: string | undefined): Promise<void> {
  const query = date === undefined ? '' : `?${new URLSearchParams({ date })}`;
  const { body } = await ask<DayCosts>(
    api,
    `/costs/daily${query}`,
    date === undefined ? 'costs' : `--date ${date}`,
  );
  if (json) terminal.write(jsonLine(body));
  else writeDay(terminal, body);
}

function writeDay(terminal: Terminal, body: DayCosts): void {
  const { average_cost, max_cost } = body;
  writeFields(terminal, [
    ['day', body.date],
    ['total', formatAmount(body.total_cost)],
    ['videos', `${body.videos_processed} ended`],
    ['average', average_cost === null ? null : `${formatAmount(average_cost)} a video`],
    ['dearest', max_cost === null ? null : formatAmount(max_cost)],
  ]);
  writeServices(terminal, body.services);
  const channels = Object.entries(body.channels);
  if (channels.length === 0) return;
  terminal.write('\n');
  writeTable(
    terminal,
    [{ title: 'CHANNEL' }, { title: 'VIDEOS', right: true }, { title: 'COST', right: true }],
    channels.map(([name, { videos_processed, total }]) => [
      name,
      String(videos_processed),
      formatAmount(total),
    ]),
  );
}

function writeServices(terminal: Terminal, services: DayCosts['services']): void {
  const rows = Object.entries(services).map(([name, { total, count, average }]) => [
    name,
    String(count),
    formatAmount(average),
    formatAmount(total),
  ]);
  if (rows.length === 0) return;
  terminal.write('\n');
  writeTable(
    terminal,
    [
      { title: 'SERVICE' },
      { title: 'CHARGES', right: true },
      { title: 'EACH', right: true },
      { title: 'COST', right: true },
    ],
    rows,
  );
}
