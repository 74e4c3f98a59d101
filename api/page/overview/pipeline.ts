import { signal } from '@preact/signals';
import type { EventType, PipelineEvent } from '../../../domain/events.ts';
import { isFinal } from '../../../domain/video.ts';
import type {
  DailyMetrics,
  DetailedHealth,
  Metrics,
  Provider,
  Resources,
  VideoPage,
  WindowMetrics,
} from '../answers.ts';
import { ApiError, call, wordsOf } from '../api.ts';
import { currentStream } from '../current-stream.ts';
import { Refetch } from '../refetch.ts';
import { openStream } from '../stream.ts';
import { VideoStore } from '../videos.ts';
import { type Told, toldBy } from './alerts.ts';

/** Everything that the overview shows. It stays while the reader looks at a video, and is current again on return. */

export const videos = new VideoStore();
export const metrics = signal<Metrics | null>(null);
export const today = signal<DailyMetrics['days'][number] | null>(null);
/** Of the last 24 hours; null while nothing was finished in them. */
export const meanTimeS = signal<number | null>(null);
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
const LATELY = 50;
const TOLD_KEPT = 20;

/** Together at most 94 calls a minute, however much happens: a key has 600 for all of its tabs. */
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

/** Those that have ended among the newest. */
async function readLatelyEnded(): Promise<void> {
  videos.put(
    (await call<VideoPage>(`/pipeline/videos?limit=${LATELY}`)).videos.filter(({ status }) =>
      isFinal(status),
    ),
  );
}

async function readFigures(): Promise<void> {
  const [now, days, window] = await Promise.all([
    call<Metrics>('/pipeline/metrics'),
    call<DailyMetrics>('/pipeline/metrics/daily?days=1'),
    call<WindowMetrics>('/analytics/metrics?window=1day'),
  ]);
  metrics.value = now;
  today.value = days.days[0] ?? null;
  meanTimeS.value = window.avg_processing_time;
}

async function readMachines(): Promise<void> {
  [resources.value, health.value, providers.value] = await Promise.all([
    call<Resources>('/resources/status'),
    call<DetailedHealth>('/health/detailed'),
    call<Provider[]>('/providers'),
  ]);
}
