import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { Browser, Page } from 'playwright-core';
import { type RunningApi, serveApi } from '../../api/serve.ts';
import type { NewEvent } from '../../domain/events.ts';
import { STAGE_NAMES, type StageName } from '../../domain/stages.ts';
import { submitOrders } from '../../infra/queue/orders.ts';
import { openPage, startBrowser } from '../support/browser.ts';
import { anOrder, createTestDeps, type TestDeps } from '../support/test-deps.ts';
import { watchCores } from './machine-load.ts';
import { round, type Spread, spreadOf } from './queue-figures.ts';
import { startBenchServers } from './queue-servers.ts';

const TARGET_PAINT_MS = 300;
const TARGET_TASK_MS = 100;
const VIDEOS = 500;
const BATCH = 100;
const EVENTS_PER_S = 100;
const TICK_MS = 20;

/** Loads and milliseconds; the browser tells no task shorter than 50 ms, so 0 means that none was longer. */
interface Figures {
  first_paint: Spread;
  first_contentful_paint: Spread;
  longest_task_loading: number;
  longest_task_events: number;
  events: number;
  /** As they are sent, and as they are read. */
  bytes: { all_sent: number; script_sent: number; script: number; style: number; document: number };
  cores_busy: number;
}

/**
 * Loads the overview with 500 videos in fresh profiles and tells when it first paints, then sends it events and tells
 * the longest time that it answers to nobody. `--loads` (15), `--seconds` of events (10).
 */
export async function benchPage(args: string[]): Promise<Record<string, unknown>> {
  const options = {
    loads: { type: 'string', default: '15' },
    seconds: { type: 'string', default: '10' },
  } as const;
  const { values } = parseArgs({ args, options });
  const stop = await startBenchServers();
  const deps = await createTestDeps({ queueMax: 2 * VIDEOS, api: { host: '127.0.0.1', port: 0 } });
  const browser = await startBrowser();
  const api = await serveApi(deps);
  try {
    const ids = await orderVideos(deps);
    const figures = await measure(
      { deps, browser, api, ids },
      Number(values.loads),
      Number(values.seconds) * 1_000,
    );
    show(figures);
    return { bench: 'page', videos: VIDEOS, ...figures };
  } finally {
    await browser.close();
    await api.stop();
    await deps.close();
    await stop();
  }
}

interface World {
  deps: TestDeps;
  browser: Browser;
  api: RunningApi;
  ids: string[];
}

async function orderVideos(deps: TestDeps): Promise<string[]> {
  const ids: string[] = [];
  for (let from = 0; from < VIDEOS; from += BATCH) {
    const orders = Array.from({ length: BATCH }, (_, n) => anOrder({ title: `Video ${from + n}` }));
    const answer = await submitOrders(deps, orders);
    if (!answer.accepted) throw new Error(answer.code);
    ids.push(...answer.videos.map(({ video_id }) => video_id));
  }
  return ids;
}

async function measure(world: World, loads: number, eventsMs: number): Promise<Figures> {
  const busy = watchCores();
  const paints: Paints[] = [];
  for (let n = 0; n < loads; n += 1) paints.push(await loadOnce(world));
  const [first] = paints;
  if (!first) throw new Error('--loads must be at least 1');
  const { longest, events } = await longestUnderEvents(world, eventsMs);
  return {
    first_paint: spreadOf(paints.map(({ paint }) => paint)),
    first_contentful_paint: spreadOf(paints.map(({ contentful }) => contentful)),
    longest_task_loading: Math.max(...paints.map(({ task }) => task)),
    longest_task_events: longest,
    events,
    bytes: first.bytes,
    cores_busy: round(busy(), 2),
  };
}

interface Paints {
  paint: number;
  contentful: number;
  task: number;
  bytes: Figures['bytes'];
}

/** Longest task that the browser has noted since the page was opened; texts, since this compiler knows no DOM. */
const LONGEST_TASK = `new Promise((resolve) => {
  const seen = [];
  new PerformanceObserver((list) => seen.push(...list.getEntries())).observe({ type: 'longtask', buffered: true });
  setTimeout(() => resolve(seen.map(({ startTime, duration }) => [startTime, duration])), 100);
})`;

const PAINTS = `(() => {
  const at = (name) => performance.getEntriesByName(name)[0].startTime;
  const [page] = performance.getEntriesByType('navigation');
  const files = performance.getEntriesByType('resource').filter(({ name }) => name.includes('/page/'));
  const sizes = (ending, field) => files.filter(({ name }) => name.endsWith(ending)).reduce((sum, file) => sum + file[field], 0);
  return {
    paint: at('first-paint'),
    contentful: at('first-contentful-paint'),
    bytes: {
      all_sent: page.transferSize + sizes('', 'transferSize'),
      script_sent: sizes('.js', 'encodedBodySize'),
      script: sizes('.js', 'decodedBodySize'),
      style: sizes('.css', 'decodedBodySize'),
      document: page.decodedBodySize,
    },
  };
})()`;

/** A profile of its own has nothing of the page in its cache. */
async function loadOnce({ browser, api }: World): Promise<Paints> {
  const { page, close } = await openPage(browser, `${api.url}/`);
  await listed(page);
  const paints = (await page.evaluate(PAINTS)) as Omit<Paints, 'task'>;
  const task = await longestTask(page, 0);
  await close();
  return { ...paints, task };
}

async function listed(page: Page): Promise<void> {
  await page.getByText(`${VIDEOS} listed`).waitFor();
}

async function longestTask(page: Page, sinceMs: number): Promise<number> {
  const tasks = (await page.evaluate(LONGEST_TASK)) as [number, number][];
  const later = tasks.filter(([start]) => start >= sinceMs).map(([, duration]) => duration);
  return Math.max(0, ...later);
}

async function longestUnderEvents(
  { browser, api, deps, ids }: World,
  forMs: number,
): Promise<{ longest: number; events: number }> {
  const { page, close } = await openPage(browser, `${api.url}/`);
  await listed(page);
  const since = (await page.evaluate('performance.now()')) as number;
  const until = performance.now() + forMs;
  const from = performance.now();
  let events = 0;
  while (performance.now() < until) {
    const due = Math.floor(((performance.now() - from) / 1_000) * EVENTS_PER_S);
    for (; events < due; events += 1) await deps.events.publish(eventOf(ids, events));
    await pause(TICK_MS);
  }
  // Else nothing was measured but a page at rest.
  await page.locator('.video-item .stage.done').first().waitFor();
  const longest = await longestTask(page, since);
  await close();
  return { longest, events };
}

/** Stages that run in all videos in turn, and their charges. */
function eventOf(ids: readonly string[], n: number): NewEvent {
  const video_id = ids[n % ids.length] ?? '';
  const stage = STAGE_NAMES[Math.floor(n / 4) % STAGE_NAMES.length] as StageName;
  const progress = (n * 7) % 100;
  switch (n % 4) {
    case 0:
      return { type: 'stage.started', video_id, stage, attempt: 1, progress };
    case 1:
      return { type: 'stage.progress', video_id, stage, percent: progress, progress, note: 'half way' };
    case 2:
      return { type: 'cost.charged', video_id, service: 'tts', operation: 'bench', amount: 0.01, total: 0.5 };
    default:
      return {
        type: 'stage.completed',
        video_id,
        stage,
        progress,
        duration_ms: 1_000,
        cost: 0.01,
        reused: false,
        providers: {},
      };
  }
}

function show(figures: Figures): void {
  const { first_paint, first_contentful_paint, bytes } = figures;
  const task = (ms: number) => (ms === 0 ? 'under 50' : round(ms, 0).toFixed(0));
  const rows: [string, string, string][] = [
    ['first paint, median', round(first_paint.p50, 0).toFixed(0), `${TARGET_PAINT_MS}`],
    ['first contentful paint, median', round(first_contentful_paint.p50, 0).toFixed(0), ''],
    ['longest task of a load', task(figures.longest_task_loading), ''],
    [`longest task of ${figures.events} events`, task(figures.longest_task_events), `${TARGET_TASK_MS}`],
  ];
  console.log(`${`${VIDEOS} videos, ${first_paint.n} loads`.padEnd(36)}      ms   target`);
  for (const [name, ms, target] of rows)
    console.log(`${name.padEnd(36)}${ms.padStart(8)}${target.padStart(9)}`);
  console.log(
    `script ${bytes.script} bytes (${bytes.script_sent} sent), all of the page ${bytes.all_sent} bytes sent; cores busy ${figures.cores_busy}`,
  );
}
