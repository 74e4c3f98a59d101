import { randomUUID } from 'node:crypto';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { WorkflowHandle } from '@temporalio/client';
import {
  bundleWorkflowCode,
  DefaultLogger,
  Runtime,
  type WorkflowBundleWithSourceMap,
} from '@temporalio/worker';
import type { StageWorks } from '../../activities/index.ts';
import { workflowIdOf } from '../../domain/contract.ts';
import type { EventType, PipelineEvent } from '../../domain/events.ts';
import type { Lane } from '../../domain/lanes.ts';
import { QUEUES } from '../../domain/stages.ts';
import { isFinal, type Order } from '../../domain/video.ts';
import { projectRoot } from '../../infra/project-root.ts';
import { submitOrder } from '../../infra/queue/orders.ts';
import { ensureSearchAttributes } from '../../infra/temporal/temporal.ts';
import type { Tracing } from '../../infra/tracing/tracing.ts';
import { readVideo, type VideoView } from '../../infra/views/video-view.ts';
import type { RunningWorker } from '../../workers/parts.ts';
import { startWorkers } from '../../workers/run.ts';
import { fakeWorks, worksByVideo } from './fake-works.ts';
import { anOrder, type ConfigOverrides, createTestDeps, type TestDeps } from './test-deps.ts';

const PATIENCE_MS = 50_000;
const POLL_MS = 20;

Runtime.install({ logger: new DefaultLogger('ERROR'), shutdownSignals: [] });

const bundles = new Map<boolean, Promise<WorkflowBundleWithSourceMap>>();
const WORKFLOW_SPANS = '@temporalio/interceptors-opentelemetry/lib/workflow-interceptors';

/** The workflows as production runs them, with or without spans, bundled once per test file. */
export function workflowBundle(traced = false): Promise<WorkflowBundleWithSourceMap> {
  const bundle = bundles.get(traced) ?? bundled(traced);
  bundles.set(traced, bundle);
  return bundle;
}

function bundled(traced: boolean): Promise<WorkflowBundleWithSourceMap> {
  return bundleWorkflowCode({
    workflowsPath: join(projectRoot, 'workflows', 'index.ts'),
    workflowInterceptorModules: traced ? [createRequire(import.meta.url).resolve(WORKFLOW_SPANS)] : [],
    logger: new DefaultLogger('ERROR'),
  });
}

export interface PipelineOptions {
  /** Works of every video; `submit` may replace some of them for one. Default: fakes that finish at once. */
  works?: Partial<StageWorks>;
  places?: Partial<Record<Lane, number>>;
  config?: ConfigOverrides;
  tracing?: Tracing;
}

/** All workers of a pipeline in this process, on real servers, under names of its own. */
export class TestPipeline {
  readonly deps: TestDeps;
  readonly #worksOf: Map<string, StageWorks>;
  readonly #options: PipelineOptions;
  #workers: RunningWorker | null = null;

  private constructor(deps: TestDeps, options: PipelineOptions) {
    this.deps = deps;
    this.#worksOf = new Map();
    this.#options = options;
  }

  static async create(options: PipelineOptions = {}): Promise<TestPipeline> {
    const places = { gpu: 3, cpu: 4, ...options.places };
    const deps = await createTestDeps({ ...options.config, places }, options.tracing);
    await ensureSearchAttributes(deps.temporal, deps.config);
    const pipeline = new TestPipeline(deps, options);
    await pipeline.startWorkers();
    return pipeline;
  }

  /** Starts the workers again after {@link stopWorkers}. */
  async startWorkers(): Promise<void> {
    const works = worksByVideo(
      ({ videoId, order }) =>
        this.#worksOf.get(order.channel_id) ?? this.#worksOf.get(videoId) ?? fakeWorks(this.#options.works),
    );
    this.#workers = await startWorkers(this.deps, QUEUES, {
      works,
      workflowBundle: await workflowBundle(this.deps.tracing.on),
    });
  }

  async stopWorkers(): Promise<void> {
    await this.#workers?.stop();
    this.#workers = null;
  }

  /** Orders a video, with works of its own where some are given, and answers its id. */
  async submit(order: Partial<Order> = {}, works: Partial<StageWorks> = {}): Promise<string> {
    const channel_id = randomUUID();
    this.#worksOf.set(channel_id, fakeWorks({ ...this.#options.works, ...works }));
    const answer = await submitOrder(this.deps, anOrder({ ...order, channel_id }));
    if (!answer.accepted) throw new Error(answer.code);
    return answer.video_id;
  }

  handle(videoId: string): WorkflowHandle {
    return this.deps.temporal.workflow.getHandle(workflowIdOf(videoId));
  }

  /** Name that Temporal gives to the end of the video's workflow: COMPLETED, FAILED, CANCELLED … */
  async temporalStatus(videoId: string): Promise<string> {
    await this.handle(videoId)
      .result()
      .catch(() => undefined);
    return (await this.handle(videoId).describe()).status.name;
  }

  /** Starts the workflow's story again from its first task, as `temporal workflow reset` does. */
  async resetToStart(videoId: string): Promise<void> {
    const { temporal, config } = this.deps;
    const handle = this.handle(videoId);
    const { runId } = await handle.describe();
    const { events } = await handle.fetchHistory();
    const first = events?.find((event) => event.workflowTaskCompletedEventAttributes);
    await temporal.workflowService.resetWorkflowExecution({
      namespace: config.temporal.namespace,
      workflowExecution: { workflowId: handle.workflowId, runId },
      workflowTaskFinishEventId: first?.eventId ?? null,
      requestId: `reset-${videoId}`,
      reason: 'test',
    });
  }

  /** Waits until the video's row is as wanted. */
  until(videoId: string, wanted: (view: VideoView) => boolean): Promise<VideoView> {
    return eventually(
      () => readVideo(this.deps, videoId),
      (view): view is VideoView => view !== null && wanted(view),
    );
  }

  /** Looks at the status only, since many may wait at once. */
  async ended(videoId: string, patienceMs?: number): Promise<VideoView> {
    const row = () => this.deps.pool.query('SELECT status FROM video_queue WHERE id = $1', [videoId]);
    await eventually(
      () => row().then(({ rows }) => rows[0].status),
      (status) => isFinal(status),
      patienceMs,
    );
    return this.until(videoId, () => true);
  }

  /** What was told of the video, once an event of that type is: it comes after its row, and a slow Redis answers none. */
  told(videoId: string, type: EventType): Promise<PipelineEvent[]> {
    return eventually(
      () => this.deps.events.past(videoId),
      (events) => events.some((event) => event.type === type),
    );
  }

  async close(): Promise<void> {
    await this.stopWorkers();
    await this.deps.close();
  }
}

/** Reads until the answer is as wanted; throws with the last answer when patience ends. */
export async function eventually<T, W extends T>(
  read: () => Promise<T> | T,
  wanted: (answer: T) => answer is W,
  patienceMs?: number,
): Promise<W>;
export async function eventually<T>(
  read: () => Promise<T> | T,
  wanted: (answer: T) => boolean,
  patienceMs?: number,
): Promise<T>;
export async function eventually<T>(
  read: () => Promise<T> | T,
  wanted: (answer: T) => boolean,
  patienceMs = PATIENCE_MS,
): Promise<T> {
  const deadline = Date.now() + patienceMs;
  for (;;) {
    const answer = await read();
    if (wanted(answer)) return answer;
    if (Date.now() > deadline)
      throw new Error(`waited in vain; the last answer was ${JSON.stringify(answer)}`);
    await pause(POLL_MS);
  }
}
