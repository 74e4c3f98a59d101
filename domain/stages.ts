import type { Lane } from './lanes.ts';
import type { Micros } from './money.ts';

export const STAGE_NAMES = [
  'script_generation',
  'audio_synthesis',
  'media_collection',
  'video_rendering',
  'quality_validation',
  'upload_preparation',
] as const;
export type StageName = (typeof STAGE_NAMES)[number];

/** Task queues: `control` runs workflows and bookkeeping, `io` network stages, a lane the heavy ones. */
export const QUEUES = ['control', 'io', 'gpu', 'cpu'] as const;
export type QueueName = (typeof QUEUES)[number];

export interface StageSpec {
  name: StageName;
  /** `lane` = the queue of the lane that the video was admitted to. */
  queue: 'io' | 'lane';
  /** Longest that the stage's own work may take; measured inside the stage, from when its work starts. */
  limitMs: number;
  /** Extra attempts after the first; a dead worker uses none of them. */
  retries: number;
  /** Money that must still fit under the cap before the stage may start. */
  estimate: Micros;
}

/** THE stage table, in order of production: options, gates, docs and tests are made from it. */
export const STAGES: Readonly<Record<StageName, StageSpec>> = {
  script_generation: stage('script_generation', 'io', 60_000, 2, 400_000),
  audio_synthesis: stage('audio_synthesis', 'lane', 120_000, 2, 200_000),
  media_collection: stage('media_collection', 'io', 180_000, 3, 100_000),
  video_rendering: stage('video_rendering', 'lane', 300_000, 1, 300_000),
  quality_validation: stage('quality_validation', 'lane', 30_000, 1, 50_000),
  upload_preparation: stage('upload_preparation', 'io', 120_000, 2, 100_000),
};

const SIDE_BY_SIDE: readonly StageName[] = ['audio_synthesis', 'media_collection'];

/** The stages that run next when these have their results; none when all have. */
export function nextStages(stored: readonly StageName[]): StageName[] {
  const left = STAGE_NAMES.filter((name) => !stored.includes(name));
  const beside = left[0] && SIDE_BY_SIDE.includes(left[0]);
  return beside ? left.filter((name) => SIDE_BY_SIDE.includes(name)) : left.slice(0, 1);
}

/** Heartbeats: stage code beats every 250 ms, the SDK passes one on every 500 ms, silence of 10 s is a dead worker. */
export const HEARTBEAT_EVERY_MS = 250;
export const HEARTBEAT_THROTTLE_MS = 500;
export const HEARTBEAT_TIMEOUT_MS = 10_000;

/** A lane stage that queues at all shows a lost machine, since places never exceed slots. */
export const LANE_SCHEDULE_TO_START_MS = 120_000;

/** A stage whose worker died this often is a poison video and fails as `worker_lost`. */
export const MAX_WORKER_LOSSES = 5;

/** Start-to-close leaves room around the limit: on gpu for the wait for graphics memory. */
export function startToCloseMs(spec: StageSpec, lane: Lane): number {
  return spec.limitMs + (spec.queue === 'lane' && lane === 'gpu' ? 600_000 : 10_000);
}

export function queueOf(spec: StageSpec, lane: Lane): QueueName {
  return spec.queue === 'lane' ? lane : 'io';
}

function stage(
  name: StageName,
  queue: StageSpec['queue'],
  limitMs: number,
  retries: number,
  estimate: Micros,
): StageSpec {
  return { name, queue, limitMs, retries, estimate };
}
