import { isFinal } from '../../domain/video.ts';
import { readStatus, type StatusAnswer } from '../client/api-client.ts';
import { EXIT } from '../client/cli-error.ts';
import { formatAge, formatAmount, formatBytes, formatTime, jsonLine } from '../client/format.ts';
import { type Cell, writeFields, writeTable } from '../client/table.ts';
import type { Terminal } from '../client/terminal.ts';
import { STATUS_TONES, type Tone } from '../client/tone.ts';
import type { Command } from './command.ts';
import { resolveOne } from './video-ids.ts';

export const status: Command = {
  usage: `Shows one video: what it is at, what it waits for, its runs, money and files.

  npm run ytempire -- status ID

  ID            its id, or the first 8 characters of it
`,
  options: {},
  async run({ positionals }, session) {
    const view = await readStatus(session.api, await resolveOne(session, positionals));
    if (session.json) session.terminal.write(jsonLine(view));
    else write(session.terminal, view, session.api);
    return EXIT.completed;
  },
};

function write(terminal: Terminal, view: StatusAnswer, api: string): void {
  writeFields(terminal, fieldsOf(view));
  section(terminal, attemptsOf(view), [
    { title: 'STAGE' },
    { title: 'TRY', right: true },
    { title: 'OUTCOME' },
    { title: 'TIME', right: true },
    { title: 'MESSAGE' },
  ]);
  section(
    terminal,
    Object.entries(view.artifacts).map(([name, { bytes, url }]) => [
      name,
      formatBytes(bytes),
      String(new URL(url, api)),
    ]),
    [{ title: 'FILE' }, { title: 'SIZE', right: true }, { title: 'ADDRESS' }],
  );
  section(
    terminal,
    view.warnings.map(({ stage, code, message }) => [code, stage, message]),
    [{ title: 'WARNING' }, { title: 'STAGE' }, { title: 'MESSAGE' }],
  );
}

function section(terminal: Terminal, rows: Cell[][], columns: { title: string; right?: boolean }[]): void {
  if (rows.length === 0) return;
  terminal.write('\n');
  writeTable(terminal, columns, rows);
}

function fieldsOf(view: StatusAnswer): [string, Cell | null][] {
  const open = !isFinal(view.status);
  return [
    ['video', view.video_id],
    ['subject', view.subject],
    ['status', { text: statusText(view), tone: STATUS_TONES[view.status] }],
    ['message', view.message],
    ['waits for', view.waiting_for],
    ['position', view.position === null ? null : String(view.position)],
    ['stage', view.stage && `${view.stage}, ${Math.floor(view.progress)} % of the whole`],
    ['lane', view.lane],
    ['priority', `${view.priority}, ${view.complexity}, channel ${view.channel_id}`],
    [
      'cost',
      `${formatAmount(view.actual_cost)} of at most ${formatAmount(view.max_cost)}, estimated ${formatAmount(view.estimated_cost)}`,
    ],
    [
      'ordered',
      `${formatTime(view.created_at)} (${formatAge(Date.now() - Date.parse(view.created_at))} ago)`,
    ],
    ['ready', open && view.eta ? `about ${formatTime(view.eta)}` : null],
    ['ended', view.completed_at && formatTime(view.completed_at)],
    ['retries', view.retry_count > 0 ? String(view.retry_count) : null],
    ['temporal', view.links.temporal],
  ];
}

function statusText({ status, reason, paused, cancelling }: StatusAnswer): string {
  const marks = [...(paused ? ['paused'] : []), ...(cancelling ? ['being cancelled'] : [])];
  return [status, ...(reason === null ? [] : [reason]), ...marks].join(', ');
}

const OUTCOMES: Record<string, Tone> = {
  completed: 'good',
  failed: 'bad',
  worker_lost: 'bad',
  cancelled: 'warning',
};

function attemptsOf({ attempts }: StatusAnswer): Cell[][] {
  return attempts.map(({ stage, attempt, outcome, started_at, ended_at, kind, message }) => [
    stage,
    String(attempt),
    { text: outcome ?? 'running', tone: outcome === null ? 'busy' : (OUTCOMES[outcome] ?? 'plain') },
    formatAge((ended_at === null ? Date.now() : Date.parse(ended_at)) - Date.parse(started_at)),
    [kind, message].filter(Boolean).join(': '),
  ]);
}
