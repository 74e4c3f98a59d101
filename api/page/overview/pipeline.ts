import { signal } from '@preact/signals';
import type { EventType, PipelineEvent } from '../../../domain/events.ts';
import type { DailyMetrics, DetailedHealth, Metrics, Provider, Resources, VideoPage } from '../answers.ts';
import { ApiError, call, wordsOf } from '../api.ts';
import { currentStream } from '../current-stream.ts';
import { Refetch } from '../refetch.ts';
import { openStream } from '../stream.ts';
import { type Told, toldBy } from './alerts.ts';
import { readLatelyEnded } from './ended-pages.ts';
import { videos } from './known-videos.ts';

/** Everything that the overview shows. It stays while the reader looks at a video, and is current again on return. */

export const metrics = signal<Metrics | null>(null);
export const daily = signal<DailyMetrics | null>(null);
export const resources = signal<Resources | null>(null);
export const health = signal<DetailedHealth | null>(null);
export const providers = signal<Provider[]>([]);
/** Alerts that are only told once, newest first, since this page was opened. */
export const told = signal<Told[]>([]);
/** True once everything was read for the first time, or could not be: what is drawn before would jump about. */
export const ready = signal(false);
/** Why the newest reading failed; empty when it did not. */
export const fault = signal('');

/** Open videos that are shown at most; more only wait. */
const MOST_OPEN = 500;
const TOLD_KEPT = 20;

/** Together at most 82 calls a minute, however much happens: a key has 600 for all of its tabs. */
const list = new Refetch(() => kept(readOpen), { gapMs: 3_000 });
const figures = new Refetch(() => kept(readFigures), { gapMs: 5_000 });
const machines = new Refetch(() => kept(readMachines), { gapMs: 10_000 });
/** Once at each connection: from then on events tell what ends. */
const ended = new Refetch(() => kept(readLatelyEnded), { gapMs: 0 });
const ALL = [list, figures, machines, ended];

/** Follows the pipeline until the answer is called. */
export function followPipeline(): () => void {
  const stream = openStream('/pipeline/stream', { onEvent: take, onCurrent: readAll });
  currentStream.value = stream;
  return () => {
    stream.close();
    for (const each of ALL) each.stop();
    if (currentStream.peek() === stream) currentStream.value = null;
  };
}

export function readAll(): void {
  void Promise.all(ALL.map((each) => each.now())).then(() => {
    ready.value = true;
  });
}

/** Which events change what no event tells. */
const MOVES_THE_QUEUE = /^(video\.|pipeline\.|provider\.(closed|opened)|disk\.|lane\.)/;
const CHANGES_FIGURES: ReadonlySet<EventType> = new Set(['cost.charged']);
const CHANGES_MACHINES =
  /^(stage\.|disk\.|lane\.|pipeline\.|provider\.(closed|opened)|video\.(admitted|released))/;

function take(event: PipelineEvent): void {
  const known = videos.take(event);
  if (!known || MOVES_THE_QUEUE.test(event.type)) list.ask();
  if (MOVES_THE_QUEUE.test(event.type) || CHANGES_FIGURES.has(event.type)) figures.ask();
  if (CHANGES_MACHINES.test(event.type)) machines.ask();
  const news = toldBy(event);
  if (news) told.value = [news, ...told.value.filter(({ key }) => key !== news.key)].slice(0, TOLD_KEPT);
}

async function kept(read: () => Promise<void>): Promise<void> {
  try {
    await read();
    fault.value = '';
  } catch (error) {
    // The sign-in and the state of the stream tell these.
    if (!(error instanceof ApiError && (error.status === 401 || error.status === 0)))
      fault.value = wordsOf(error);
  }
}

async function readOpen(): Promise<void> {
  videos.beginList();
  const [processing, queued] = await Promise.all([
    call<VideoPage>(`/pipeline/videos?status=processing&limit=${MOST_OPEN}`),
    call<VideoPage>(`/pipeline/videos?status=queued&order=position&limit=${MOST_OPEN}`),
  ]);
  videos.replaceOpen([...processing.videos, ...queued.videos]);
}

async function readFigures(): Promise<void> {
  [metrics.value, daily.value] = await Promise.all([
    call<Metrics>('/pipeline/metrics'),
    call<DailyMetrics>('/pipeline/metrics/daily?days=1'),
  ]);
}

async function readMachines(): Promise<void> {
  [resources.value, health.value, providers.value] = await Promise.all([
    call<Resources>('/resources/status'),
    call<DetailedHealth>('/health/detailed'),
    call<Provider[]>('/providers'),
  ]);
}
