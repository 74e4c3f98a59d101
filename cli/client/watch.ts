import { readFile } from 'node:fs/promises';
import { relative, resolve } from 'node:path';
import { type Micros, parseDollars, toDollars } from '../../domain/money.ts';
import type { Bill } from '../../domain/results.ts';
import { readProviders, readStatus, type StatusAnswer } from './api-client.ts';
import { CliError, EXIT } from './cli-error.ts';
import { downloadPackage } from './download.ts';
import { type FeedSource, watchVideo } from './event-feed.ts';
import { failureLines, type Words } from './failure-text.ts';
import { jsonLine } from './format.ts';
import { finishedLines, type Production, remoteLines } from './result-text.ts';
import { chooseScreen } from './screens.ts';
import type { Terminal } from './terminal.ts';
import { advance, newVideoState, type VideoState } from './video-state.ts';

/** Attempts in a row, 5 s apart, that met trouble of the machine itself. */
const LASTING_OUTAGE = 3;
/** What stands before the name of a provider that is waited for. */
const PROVIDER = 'provider:';

export interface Watch {
  api: string;
  videoId: string;
  temporal: string | null;
  /** Where the finished folder goes; null leaves the files with the API. */
  out: string | null;
  json: boolean;
  startedMs: number;
  /** Events before this time are not shown: they are of an earlier try. */
  fromMs: number;
  words: Words;
  /** Tells the API's address again after it was lost. */
  rejoin(signal: AbortSignal): Promise<string>;
}

/** What `--json` prints last. `cost` is dollars, the paths are absolute. */
interface Result {
  video_id: string;
  status: string;
  reason: string | null;
  folder: string | null;
  video: string | null;
  cost: number;
}

/** Shows a video until it ends, fetches what it made, and answers the exit code. */
export async function watchToEnd(watch: Watch, terminal: Terminal): Promise<number> {
  const interrupted = new AbortController();
  const off = terminal.onInterrupt(() => interrupted.abort());
  try {
    const state = await showProgress(watch, terminal, interrupted.signal);
    if (interrupted.signal.aborted) return stopWatching(watch, state, terminal);
    if (state.waitsFor) return waitForOperator(watch, state, terminal);
    return await finish(watch, terminal, interrupted.signal);
  } finally {
    off();
  }
}

interface Shown extends VideoState {
  /** Set when only the operator can make the video go on. */
  waitsFor?: string;
}

async function showProgress(watch: Watch, terminal: Terminal, signal: AbortSignal): Promise<Shown> {
  const screen = chooseScreen(terminal, watch.json);
  const source: FeedSource = { ...watch, signal };
  let state = newVideoState(watch.startedMs);
  screen.open(watch);
  try {
    for await (const item of watchVideo(source)) {
      state = advance(state, item);
      screen.show(item, state);
      const waitsFor = waitsForOperator(state) ?? (await closedProvider(source.api, state));
      if (waitsFor) return { ...state, waitsFor };
    }
    return state;
  } finally {
    watch.api = source.api;
    screen.close();
  }
}

/** What only the operator can mend, or null. One outage may be a restart; several in a row stay. */
function waitsForOperator({ waitingFor, outage }: VideoState): string | null {
  if (waitingFor === 'paused') return 'production is paused';
  if (waitingFor === 'halted') return 'everything is halted, resume first';
  if (waitingFor === 'disk') return 'the disk is nearly full, free some';
  return outage.times >= LASTING_OUTAGE ? outage.message : null;
}

/** The provider that is closed until it is resumed, and what is wrong with it; an outage ends by itself. */
async function closedProvider(api: string, { waitingFor }: VideoState): Promise<string | null> {
  if (!waitingFor?.startsWith(PROVIDER)) return null;
  const name = waitingFor.slice(PROVIDER.length);
  const provider = (await readProviders(api)).find((each) => each.name === name);
  if (provider?.state !== 'closed' || provider.closed_until !== null) return null;
  const resume = `POST ${new URL(`/providers/${name}/resume`, api)}`;
  return `${name} is closed: ${provider.reason}; then ${resume} (a new key in .env and a restart open it too)`;
}

async function finish(watch: Watch, terminal: Terminal, signal: AbortSignal): Promise<number> {
  const { api } = watch;
  const view = await readStatus(api, watch.videoId);
  const cost = parseDollars(view.actual_cost);
  if (view.status !== 'completed') {
    if (watch.json) writeResult(terminal, watch, view, cost, null);
    for (const line of failureLines(view, cost, watch.words)) terminal.error(line);
    return EXIT.failed;
  }
  const { videoId, out } = watch;
  if (out === null) {
    if (watch.json) writeResult(terminal, watch, view, cost, null);
    else terminal.write(`${remoteLines(view, cost, api).join('\n')}\n`);
    return EXIT.completed;
  }
  try {
    const folder = await downloadPackage({ api, videoId, artifacts: view.artifacts, out, signal });
    if (watch.json) writeResult(terminal, watch, view, cost, folder);
    else await writeSummary(terminal, view, cost, folder, watch.startedMs);
    return EXIT.completed;
  } catch (error) {
    if (signal.aborted)
      return stopWatching(watch, { ...newVideoState(0), cost, status: 'completed' }, terminal);
    if (watch.json) writeResult(terminal, watch, view, cost, null);
    throw error;
  }
}

async function writeSummary(
  terminal: Terminal,
  view: StatusAnswer,
  cost: Micros,
  folder: string,
  startedMs: number,
): Promise<void> {
  const metadata = await readJsonFile<{ production?: Production }>(resolve(folder, 'metadata.json'));
  const lines = finishedLines({
    folder: shownPath(folder),
    elapsedMs: (view.completed_at ? Date.parse(view.completed_at) : Date.now()) - startedMs,
    cost,
    bill: await readJsonFile<Bill>(resolve(folder, 'bill.json')),
    production: metadata?.production ?? null,
    providers: view.providers,
    warnings: view.warnings,
  });
  terminal.write(`${lines.join('\n')}\n`);
}

function stopWatching(watch: Watch, state: VideoState, terminal: Terminal): number {
  if (watch.json) writeResult(terminal, watch, state, state.cost, null);
  const back = watch.words.watch(watch.videoId);
  terminal.error(`stopped watching; video ${watch.videoId} goes on; back to it: ${back}`);
  return EXIT.interrupted;
}

function waitForOperator(watch: Watch, state: Shown, terminal: Terminal): number {
  if (watch.json) writeResult(terminal, watch, state, state.cost, null);
  throw new CliError(
    EXIT.operator,
    `video ${watch.videoId} waits for the operator: ${state.waitsFor}; then ${watch.words.watch(watch.videoId)}`,
  );
}

function writeResult(
  terminal: Terminal,
  watch: Watch,
  video: { status: string; reason: string | null },
  cost: Micros,
  folder: string | null,
): void {
  const result: Result = {
    video_id: watch.videoId,
    status: video.status,
    reason: video.reason,
    folder,
    video: folder && resolve(folder, 'video.mp4'),
    cost: toDollars(cost),
  };
  terminal.write(jsonLine(result));
}

function shownPath(path: string): string {
  const short = relative(process.cwd(), path);
  return short.startsWith('..') ? path : short;
}

async function readJsonFile<T>(path: string): Promise<T | null> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as T;
  } catch {
    return null;
  }
}
