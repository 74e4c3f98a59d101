import type { z } from 'zod';
import type { videoPage } from '../../api/openapi/answers.ts';
import { COMPLEXITIES, VIDEO_STATUSES } from '../../domain/video.ts';
import { ask } from '../client/api-client.ts';
import { badInput, EXIT } from '../client/cli-error.ts';
import { formatAge, formatAmount, jsonLine } from '../client/format.ts';
import { type Cell, writeTable } from '../client/table.ts';
import { STATUS_TONES } from '../client/tone.ts';
import { type Command, type Input, type Session, textOf } from './command.ts';

type Page = z.output<typeof videoPage>;

const PAGE = 200;
const DEFAULT_LIMIT = 20;
/** Options that are filters of the API, and their names there. */
const FILTERS = {
  status: 'status',
  channel: 'channel_id',
  user: 'user_id',
  complexity: 'complexity',
} as const;

export const list: Command = {
  usage: `Lists videos, newest first.

  npm run ytempire -- list [--status STATUS] [--limit N]

  --status ${VIDEO_STATUSES.join('|')}
  --channel ID  of this channel alone
  --user ID     of this user alone
  --complexity ${COMPLEXITIES.join('|')}
  --limit N     at most so many (${DEFAULT_LIMIT})
`,
  options: {
    status: { type: 'string' },
    channel: { type: 'string' },
    user: { type: 'string' },
    complexity: { type: 'string' },
    limit: { type: 'string' },
  },
  async run(input, session) {
    if (input.positionals.length > 0) {
      throw badInput(
        input.positionals.join(' '),
        'is not for list',
        'filter with --status, --channel, --user, --complexity',
      );
    }
    const page = await readVideos(session, filterOf(input), limitOf(input));
    if (session.json) session.terminal.write(jsonLine(page));
    else write(session, page);
    return EXIT.completed;
  },
};

function filterOf(input: Input): URLSearchParams {
  const given = Object.entries(FILTERS).flatMap(([option, name]) => {
    const value = textOf(input, option);
    return value === undefined ? [] : [[name, value] as [string, string]];
  });
  return new URLSearchParams(given);
}

function limitOf(input: Input): number {
  const text = textOf(input, 'limit') ?? String(DEFAULT_LIMIT);
  if (/^[1-9]\d{0,6}$/.test(text)) return Number(text);
  throw badInput(`--limit ${JSON.stringify(text.slice(0, 20))}`, 'is no count', 'give a whole number from 1');
}

/** Over as many pages as it takes. */
async function readVideos({ api }: Session, filter: URLSearchParams, limit: number): Promise<Page> {
  const all: Page = { videos: [], next_cursor: null };
  do {
    const query = new URLSearchParams(filter);
    query.set('limit', String(Math.min(PAGE, limit - all.videos.length)));
    if (all.next_cursor !== null) query.set('cursor', all.next_cursor);
    const { body } = await ask<Page>(api, `/pipeline/videos?${query}`, 'list');
    all.videos.push(...body.videos);
    all.next_cursor = body.next_cursor;
  } while (all.next_cursor !== null && all.videos.length < limit);
  return all;
}

const COLUMNS = [
  { title: 'ID' },
  { title: 'STATUS' },
  { title: 'STAGE' },
  { title: '%', right: true },
  { title: 'LANE' },
  { title: 'PRI', right: true },
  { title: 'COST', right: true },
  { title: 'AGE', right: true },
  { title: 'SUBJECT' },
];

function write({ terminal }: Session, { videos, next_cursor }: Page): void {
  if (videos.length === 0) {
    terminal.write('No videos.\n');
    return;
  }
  const now = Date.now();
  writeTable(
    terminal,
    COLUMNS,
    videos.map((video) => rowOf(video, now)),
  );
  if (next_cursor !== null) terminal.write(`There are more: --limit ${videos.length * 2} shows them.\n`);
}

function rowOf(video: Page['videos'][number], nowMs: number): Cell[] {
  return [
    video.video_id.slice(0, 8),
    { text: video.status, tone: STATUS_TONES[video.status] },
    video.stage ?? '-',
    String(Math.floor(video.progress)),
    video.lane ?? '-',
    String(video.priority),
    formatAmount(video.actual_cost),
    formatAge(nowMs - Date.parse(video.created_at)),
    video.subject,
  ];
}
