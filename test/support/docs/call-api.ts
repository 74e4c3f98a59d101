import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { drawn, ffmpeg } from '../synthetic-video.ts';
import type { Wanted, World } from './world.ts';

/** A call as a page shows it. */
export interface ShownCall {
  method: string;
  /** With its query, and `<id>` or `{id}` where the video goes. */
  path: string;
  headers: Record<string, string>;
  body: string | null;
  /** The body is a clip of this name. */
  file: string | null;
  /** The answer never ends: its beginning is enough. */
  streams: boolean;
}

const OPTIONS = {
  request: { type: 'string', short: 'X' },
  header: { type: 'string', short: 'H', multiple: true },
  data: { type: 'string', short: 'd' },
  'upload-file': { type: 'string', short: 'T' },
  silent: { type: 'boolean', short: 's' },
  'no-buffer': { type: 'boolean', short: 'N' },
} as const;

/** What a `curl` command sends. Throws for an option that is not among the few that the pages use. */
export function callOf(words: string[]): ShownCall {
  const { values, positionals } = parseArgs({ args: words, options: OPTIONS, allowPositionals: true });
  const [address = ''] = positionals;
  if (positionals.length !== 1 || !/^(http:\/\/)?localhost:8787\//.test(address)) {
    throw new Error(`not one address of the API: ${positionals.join(' ')}`);
  }
  return {
    method: values.request ?? (values.data === undefined ? 'GET' : 'POST'),
    path: address.replace(/^(http:\/\/)?localhost:8787/, ''),
    headers: Object.fromEntries((values.header ?? []).map(headerOf)),
    body: values.data ?? null,
    file: values['upload-file'] ?? null,
    streams: values['no-buffer'] ?? false,
  };
}

function headerOf(line: string): [string, string] {
  const at = line.indexOf(':');
  return [
    line.slice(0, at).toLowerCase(),
    line
      .slice(at + 1)
      .trim()
      .replace('…', 'and-so-on'),
  ];
}

/** Sends the call about a video of the state that it is for. Throws when the answer is a refusal. */
export async function send(world: World, call: ShownCall): Promise<void> {
  const { method, path, headers, streams } = call;
  const needsVideo = /<(video_)?id>|\{(video_)?id\}/;
  const target = needsVideo.test(path)
    ? path.replace(needsVideo, await world.video(wantedBy(method, path)))
    : path;
  const gone = new AbortController();
  const body = call.file === null ? call.body : await clipNamed(join(world.folder, call.file));
  const answer = await fetch(`${world.api}${target.replace('{channel_id}', 'news')}`, {
    ...{ method, headers, signal: gone.signal },
    ...(body !== null && { body }),
  });
  if (!answer.ok)
    throw new Error(`${method} ${target} was answered ${answer.status}: ${await answer.text()}`);
  if (streams) await answer.body?.getReader().read();
  gone.abort();
}

async function clipNamed(path: string): Promise<Uint8Array<ArrayBuffer>> {
  await ffmpeg([], [...drawn('testsrc2=size=640x360:rate=25:duration=1'), path]);
  return new Uint8Array(await readFile(path));
}

function wantedBy(method: string, path: string): Wanted {
  if (path.endsWith('/retry') || method === 'DELETE') return 'failed';
  return /\/(cancel|pause|resume)$/.test(path) || method === 'PATCH' ? 'open' : 'completed';
}
