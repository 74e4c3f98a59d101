import { join } from 'node:path';
import { bundleWorkflowCode, DefaultLogger, NativeConnection, Worker } from '@temporalio/worker';
import { LANES, type Lane } from '../../domain/lanes.ts';
import { QUEUES, type QueueName, STAGE_NAMES } from '../../domain/stages.ts';
import { projectRoot } from '../../infra/project-root.ts';
import { taskQueue } from '../../infra/temporal/temporal.ts';
import { workerOptions } from '../../workers/parts.ts';
import { createTestDeps, type TestDeps } from '../support/test-deps.ts';
import type { PlainVideo, plainVideo } from './floor-workflow.ts';
import { type TreeCpu, treeCpu, treeCpuSince } from './queue-cpu.ts';
import { complexityOf, PLACES } from './queue-pipeline.ts';

export interface FloorSetup {
  extras: PlainVideo['extras'];
  /** Videos in flight per lane; without it all are started before the first stage runs. */
  inFlight?: Record<Lane, number>;
}

const AT_ONCE = 16;
let bundle: Promise<{ code: string }> | undefined;

/** From the first activity to the end of the last; CPU by video. */
export interface FloorRun {
  seconds: number;
  cpuMs: TreeCpu;
}

/**
 * Makes `count` videos by a plain Temporal workflow of six no-op activities, on the same queues with the same
 * slots.
 */
export async function runFloor(count: number, { extras, inFlight }: FloorSetup): Promise<FloorRun> {
  bundle ??= bundleWorkflowCode({
    workflowsPath: join(projectRoot, 'test', 'bench', 'floor-workflow.ts'),
    logger: new DefaultLogger('ERROR'),
  });
  const workflowBundle = await bundle;
  const deps = await createTestDeps();
  const connection = await NativeConnection.connect({ address: deps.config.temporal.address });
  const meter = new Meter(count, extras === 'none' ? 'upload_preparation' : 'settle');
  const start = () =>
    Promise.all(
      QUEUES.map((queue) =>
        Worker.create({
          ...workerOptions({ deps, connection }, queue),
          ...(queue === 'control'
            ? { workflowBundle, activities: meter.activities(['claim', 'settle']) }
            : {}),
          ...(queue !== 'control' && {
            activities: meter.activities(STAGE_NAMES),
            maxConcurrentActivityTaskExecutions: slotsOf(queue, deps),
          }),
        }),
      ),
    );
  const videos = Array.from({ length: count }, (_, index) => index);
  const order = (index: number) => orderPlain(deps, { index, extras });
  if (!inFlight) await inTurn(videos, AT_ONCE, order);
  const workers = await start();
  const ended = workers.map((worker) => worker.run());
  if (inFlight) {
    await Promise.all(
      LANES.map((lane) =>
        inTurn(
          videos.filter((index) => laneOf(index) === lane),
          inFlight[lane],
          async (index) => {
            await order(index);
            await meter.ended(String(index));
          },
        ),
      ),
    );
  }
  await meter.done;
  for (const worker of workers) worker.shutdown();
  await Promise.all(ended);
  await connection.close();
  await deps.close();
  return { seconds: meter.seconds(), cpuMs: meter.cpuMs };
}

/** Counts videos as their last activity ends. */
class Meter {
  readonly done: Promise<void>;
  cpuMs: TreeCpu = { own: 0, servers: 0 };
  readonly #last: string;
  readonly #waiting = new Map<string, () => void>();
  #finish: () => void = () => undefined;
  #left: number;
  readonly #count: number;
  #cpuBefore: TreeCpu | null = null;
  #firstAt = 0;
  #lastAt = 0;

  constructor(count: number, last: string) {
    this.#left = count;
    this.#count = count;
    this.#last = last;
    this.done = new Promise((resolve) => {
      this.#finish = resolve;
    });
  }

  activities(names: readonly string[]): Record<string, (video: string) => Promise<{ stage: string }>> {
    return Object.fromEntries(
      names.map((name) => [
        name,
        async (video: string) => {
          this.#firstAt ||= performance.now();
          this.#cpuBefore ??= treeCpu();
          if (name === this.#last) this.#end(video);
          return { stage: name };
        },
      ]),
    );
  }

  ended(video: string): Promise<void> {
    return new Promise((resolve) => this.#waiting.set(video, resolve));
  }

  seconds(): number {
    return (this.#lastAt - this.#firstAt) / 1000;
  }

  #end(video: string): void {
    this.#lastAt = performance.now();
    this.#left -= 1;
    this.#waiting.get(video)?.();
    if (this.#left > 0 || !this.#cpuBefore) return;
    this.cpuMs = treeCpuSince(this.#cpuBefore, this.#count);
    this.#finish();
  }
}

async function orderPlain(
  { temporal, config }: TestDeps,
  { index, extras }: { index: number; extras: PlainVideo['extras'] },
): Promise<void> {
  const prefix = config.temporal.taskQueuePrefix;
  const options = {
    workflowId: `${prefix}plain-${index}`,
    taskQueue: taskQueue(config, 'control'),
    args: [{ video: String(index), lane: laneOf(index), prefix, extras }] as [PlainVideo],
  };
  if (extras === 'none') await temporal.workflow.start<typeof plainVideo>('plainVideo', options);
  else await temporal.workflow.signalWithStart('plainVideo', { ...options, signal: 'admitted' });
}

/** Where the pipeline puts it while both lanes are full. */
function laneOf(index: number): Lane {
  return complexityOf(index) === 'simple' ? 'cpu' : 'gpu';
}

function slotsOf(queue: Exclude<QueueName, 'control'>, { config }: TestDeps): number {
  return queue === 'io' ? config.slots.io : PLACES[queue];
}

async function inTurn<T>(
  items: readonly T[],
  atOnce: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const left = items.values();
  const hand = async () => {
    for (const item of left) await work(item);
  };
  await Promise.all(Array.from({ length: atOnce }, hand));
}
