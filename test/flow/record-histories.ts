import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { StageWorks } from '../../activities/index.ts';
import { StageError } from '../../domain/errors.ts';
import { parseDollars } from '../../domain/money.ts';
import { notifyIdOf, TRIES, videoNotificationId } from '../../domain/notifications.ts';
import { LOOK_AGAIN, type PublicationState, publishIdOf } from '../../domain/publishing.ts';
import { judgeCheck } from '../../domain/quality.ts';
import { STAGES } from '../../domain/stages.ts';
import { recordExternalCharge } from '../../infra/money/ledger.ts';
import { changeVideo } from '../../infra/moves/change.ts';
import { pauseAll, pauseVideo, resumeAll, resumeVideo } from '../../infra/moves/pause.ts';
import { projectRoot } from '../../infra/project-root.ts';
import { startOpenTelemetry } from '../../infra/tracing/open-telemetry.ts';
import { fakeProduct, gpuSeconds, paidCall, untilAborted } from '../support/fake-works.ts';
import { type ReceiverAnswer, startWebhookReceiver } from '../support/fakes/webhook-receiver.ts';
import { type FakeYouTube, startFakeYouTube } from '../support/fakes/youtube.ts';
import { writeHistory } from '../support/history-file.ts';
import { latch } from '../support/latch.ts';
import { connectTo, packageOf, YOUTUBE_SECRETS, youtubeSettings } from '../support/publishing.ts';
import { eventually, TestPipeline } from '../support/test-pipeline.ts';
import { WEBHOOK_SECRET } from '../support/webhooks.ts';

/**
 * Writes the histories that replay.test.ts replays, by making each ending once on the servers of the
 * environment. Run it only for a new ending: old files prove that videos under way survive a deploy. Those named
 * unpatched-… are of versions before a patch, and are not made again; dead-worker is of lane-lost.test.ts.
 *
 *   npx esbuild test/flow/record-histories.ts --bundle --platform=node --format=esm --packages=external \
 *     --outfile=.build/record-histories.js && node .build/record-histories.js NAME…
 */
const ENDINGS: Record<string, Partial<StageWorks>> = {
  completed: {},
  cancelled: { video_rendering: untilAborted },
  cost_limit: {
    video_rendering: async (context) => {
      await context.pay(paidCall(10_000, 1));
      return untilAborted(context);
    },
  },
  gate_refused: {
    script_generation: async () => ({ ...fakeProduct('script_generation'), usage: gpuSeconds(9_500) }),
  },
  mended: rejectedFor(1),
  refitted: { script_generation: shortScript },
  quality: rejectedFor(2),
  released: { video_rendering: failingFor(STAGES.video_rendering.retries + 1) },
  paused: { script_generation: heldScript },
  'fatal-second': {
    audio_synthesis: async () => {
      await audioMayFail.opened;
      throw new StageError('invalid_input', 'on purpose');
    },
    media_collection: () => Promise.reject(new StageError('process_failed', 'on purpose')),
  },
  'cap-raised': { script_generation: lateScript() },
  queued: {},
  worker_lost: {
    video_rendering: () => Promise.reject(new StageError('worker_lost', '6 workers died in this stage')),
  },
  failed: { quality_validation: () => Promise.reject(new StageError('process_failed', 'on purpose')) },
};

/** What an operator does to the video meanwhile. */
const MOVES: Record<string, (videoId: string) => Promise<unknown>> = {
  cancelled: async (videoId) => {
    await pipeline.until(videoId, ({ stage }) => stage === 'video_rendering');
    await pipeline.handle(videoId).cancel();
  },
  paused: async (videoId) => {
    await pipeline.until(videoId, ({ stage }) => stage === 'script_generation');
    await pauseVideo(pipeline.deps, videoId, 'test');
    scriptMayEnd.open();
    await pipeline.until(videoId, ({ status }) => status === 'queued');
    await resumeVideo(pipeline.deps, videoId, 'test');
  },
  queued: (videoId) => pipeline.handle(videoId).cancel(),
  'fatal-second': async (videoId) => {
    await eventually(
      () => pipeline.handle(videoId).fetchHistory(),
      ({ events }) => events?.some((event) => event.activityTaskFailedEventAttributes) ?? false,
    );
    audioMayFail.open();
  },
  'cap-raised': async (videoId) => {
    await pipeline.until(videoId, ({ reason }) => reason === 'retry_after');
    const charge = { id: 'u', service: 'youtube_api', operation: 'upload', amount: parseDollars(3) };
    await recordExternalCharge(pipeline.deps, { ...charge, video_id: videoId });
    await changeVideo(pipeline.deps, videoId, 'test', { max_cost: parseDollars(5) });
    await pipeline.deps.pool.query('UPDATE video_queue SET not_before = NULL WHERE id = $1', [videoId]);
  },
};

const scriptMayEnd = latch();
const audioMayFail = latch();

/** A script that comes after an hour's wait without the place. */
function lateScript(): StageWorks['script_generation'] {
  let tries = 0;
  return async () => {
    tries += 1;
    if (tries > 1) return fakeProduct('script_generation');
    throw new StageError('rate_limited', 'come back later', { retryAfterMs: 3_600_000 });
  };
}

async function heldScript() {
  await scriptMayEnd.opened;
  return fakeProduct('script_generation');
}

/** A script that could be longer, which the narration of nothing is too short for. */
async function shortScript() {
  const { result, ...product } = fakeProduct('script_generation');
  const { whole: _, ...script } = result;
  return { ...product, result: script };
}

/** Fails in the first tries. */
function failingFor(times: number): StageWorks['video_rendering'] {
  let tries = 0;
  return async () => {
    tries += 1;
    if (tries <= times) throw new StageError('process_failed', 'on purpose');
    return fakeProduct('video_rendering');
  };
}

/** Validation finds black in the first renders. */
function rejectedFor(times: number): Partial<StageWorks> {
  let run = 0;
  return {
    quality_validation: async () => {
      run += 1;
      const checks = run <= times ? [judgeCheck('black', 2)] : [];
      return { ...fakeProduct('quality_validation'), result: { score: 1, checks } };
    },
  };
}

/** Ways of a video to YouTube, each with what the fake there answers. */
const PUBLICATIONS: Record<string, (youtube: FakeYouTube) => void> = {
  'publish-published': () => undefined,
  'publish-waited': (youtube) => youtube.script('insert', { status: 403, reason: 'quotaExceeded' }),
  'publish-failed': (youtube) => youtube.script('insert', { status: 400, reason: 'invalidTitle' }),
  'publish-cancelled': (youtube) => youtube.script('part', 'hang'),
};

/** Ways of a webhook, each with what its receiver answers. */
const NOTIFICATIONS: Record<string, ReceiverAnswer[]> = {
  'notify-delivered': [{ status: 500 }],
  'notify-failed': Array(TRIES).fill({ status: 500 }),
  'notify-cancelled': ['hang'],
};

const names = process.argv.slice(2);
const receiver = await startWebhookReceiver();
const youtube = await startFakeYouTube();
const webhooks = { signed: true, hosts: [receiver.host] };
const money = { costCeiling: parseDollars(5) };
const pipeline = await TestPipeline.create({
  config: { youtube: youtubeSettings(youtube), webhooks, money },
});
pipeline.deps.secrets = { ...YOUTUBE_SECRETS, webhook: WEBHOOK_SECRET };
const folder = join(projectRoot, 'test', 'flow', 'replay');
await mkdir(folder, { recursive: true });
const recorders: Record<string, () => Promise<string>> = {
  ...Object.fromEntries(Object.keys(ENDINGS).map((name) => [name, () => record(name)])),
  ...Object.fromEntries(Object.keys(PUBLICATIONS).map((name) => [name, () => recordPublication(name)])),
  ...Object.fromEntries(Object.keys(NOTIFICATIONS).map((name) => [name, () => recordNotification(name)])),
  traced: recordTraced,
};
for (const name of names.length > 0 ? names : Object.keys(recorders)) {
  const history = await recorders[name]?.();
  if (history === undefined) throw new Error(`${name} is none of ${Object.keys(recorders).join(', ')}`);
  await writeFile(join(folder, `${name}.json`), history);
}
await pipeline.close();
await youtube.close();
await receiver.close();

async function recordNotification(name: string): Promise<string> {
  receiver.script(...(NOTIFICATIONS[name] ?? []));
  const videoId = await pipeline.submit({ webhook_url: receiver.url });
  await pipeline.until(videoId, ({ webhook }) => (webhook?.tries ?? 0) > 0);
  const id = notifyIdOf(videoNotificationId(videoId, 1));
  const handle = pipeline.deps.temporal.workflow.getHandle(id);
  if (name === 'notify-cancelled') await handle.cancel();
  await handle.result().catch(() => undefined);
  return writeHistory(await handle.fetchHistory());
}

async function record(name: string): Promise<string> {
  // The history of a video that waits holds no admission.
  if (name === 'queued') await pauseAll(pipeline.deps, 'test');
  const videoId = await pipeline.submit({}, ENDINGS[name]);
  await MOVES[name]?.(videoId);
  await pipeline.ended(videoId);
  await resumeAll(pipeline.deps, 'test');
  await pipeline.temporalStatus(videoId);
  return writeHistory(await pipeline.handle(videoId).fetchHistory());
}

/** A released and finished video of workers that send traces; nobody takes them. */
async function recordTraced(): Promise<string> {
  const target = { url: 'http://127.0.0.1:9', headers: null, service: 'test' };
  const tracing = startOpenTelemetry(target, pipeline.deps.log, (text) => text);
  const traced = await TestPipeline.create({ tracing });
  try {
    const videoId = await tracing.request(null, () => traced.submit({}, ENDINGS['released']));
    await traced.ended(videoId);
    await traced.temporalStatus(videoId);
    return writeHistory(await traced.handle(videoId).fetchHistory());
  } finally {
    await traced.close();
  }
}

async function recordPublication(name: string): Promise<string> {
  const { deps } = pipeline;
  PUBLICATIONS[name]?.(youtube);
  const videoId = await pipeline.submit(
    { publish: true },
    { upload_preparation: packageOf(Buffer.from(name)) },
  );
  const { rows } = await deps.pool.query('SELECT channel_id FROM video_queue WHERE id = $1', [videoId]);
  await connectTo(youtube, deps, rows[0].channel_id);
  const handle = deps.temporal.workflow.getHandle(publishIdOf(videoId));
  if (name === 'publish-waited') {
    await pipeline.until(videoId, ({ publication }) => publication?.reason === 'quota');
    await deps.pool.query('DELETE FROM youtube_quota');
    await handle.signal(LOOK_AGAIN);
  }
  if (name === 'publish-cancelled') {
    await pipeline.until(videoId, ({ publication }) => publication?.state === 'uploading');
    await handle.cancel();
  }
  await pipeline.until(videoId, ({ publication }) => publication !== null && isEnd(publication.state));
  await handle.result().catch(() => undefined);
  return writeHistory(await handle.fetchHistory());
}

function isEnd(state: PublicationState): boolean {
  return state !== 'waiting' && state !== 'uploading';
}
