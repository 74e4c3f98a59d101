import {
  condition,
  defineSignal,
  proxyActivities,
  setCurrentDetails,
  setHandler,
  upsertSearchAttributes,
} from '@temporalio/workflow';
import { SEARCH_ATTRIBUTES } from '../../domain/contract.ts';
import type { Lane } from '../../domain/lanes.ts';
import { HEARTBEAT_TIMEOUT_MS, STAGE_NAMES, STAGES, type StageName } from '../../domain/stages.ts';

type Activities = Record<StageName | 'claim' | 'settle', (video: string) => Promise<{ stage: string }>>;

export interface PlainVideo {
  video: string;
  lane: Lane;
  /** Prefix of the task queues. */
  prefix: string;
  /** What the pipeline's workflow does besides: wait for a signal, claim and settle; then, search attributes. */
  extras: 'none' | 'claimed' | 'shown';
}

/** The six stages in their order and on their queues, and nothing of this pipeline. */
export async function plainVideo({ video, lane, prefix, extras }: PlainVideo): Promise<void> {
  const control = proxyActivities<Activities>({
    taskQueue: `${prefix}control`,
    startToCloseTimeout: 30_000,
  });
  if (extras !== 'none') {
    let admitted = false;
    setHandler(defineSignal('admitted'), () => {
      admitted = true;
    });
    await condition(() => admitted);
    await control.claim(video);
  }
  const run = async (...names: StageName[]) => {
    if (extras === 'shown') show(names.join('+'), lane);
    await Promise.all(names.map((name) => stage(name, lane, prefix)[name](video)));
  };
  await run('script_generation');
  await run('audio_synthesis', 'media_collection');
  await run('video_rendering');
  await run('quality_validation');
  await run('upload_preparation');
  if (extras === 'shown') show('settling', lane);
  if (extras !== 'none') await control.settle(video);
}

function stage(name: StageName, lane: Lane, prefix: string): Activities {
  const { queue, limitMs } = STAGES[name];
  return proxyActivities<Activities>({
    taskQueue: prefix + (queue === 'lane' ? lane : queue),
    startToCloseTimeout: limitMs,
    heartbeatTimeout: HEARTBEAT_TIMEOUT_MS,
  });
}

function show(running: string, lane: Lane): void {
  const values = { VideoStatus: 'processing', SpendUsd: 0, Lane: lane, Stage: running };
  upsertSearchAttributes(
    Object.entries(values).map(([name, value]) => ({
      key: { name, type: SEARCH_ATTRIBUTES[name as keyof typeof SEARCH_ATTRIBUTES] },
      value,
    })) as Parameters<typeof upsertSearchAttributes>[0],
  );
  setCurrentDetails(STAGE_NAMES.map((name) => `- ${name}: ${running}`).join('\n'));
}
