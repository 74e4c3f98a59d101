import { setTimeout as pause } from 'node:timers/promises';
import type { StageWorks } from '../../activities/index.ts';
import { type RunningApi, serveApi } from '../../api/serve.ts';
import { workflowIdOf } from '../../domain/contract.ts';
import { QUEUES } from '../../domain/stages.ts';
import type { Complexity } from '../../domain/video.ts';
import { closeDeps, openDeps } from '../../infra/deps.ts';
import { admit } from '../../infra/queue/admission.ts';
import { startWorkers } from '../../workers/run.ts';
import { fakeProduct, fakeWorks } from '../support/fake-works.ts';
import { createTestDeps, type TestDeps, testLogger } from '../support/test-deps.ts';
import type { VideoTimes } from './queue-figures.ts';

export const PLACES = { gpu: 3, cpu: 4 };
const QUEUE_MAX = 100_000;
const CLIENTS = 4;
const AT_ONCE = 16;
const LOOK_EVERY_MS = 100;
/** Times as in production; those of tests would repair all the time. */
const TIMES = { leaseMs: 15_000, reconcileMs: 10_000, redeliverMs: 3_000, retryScale: 1 };
/** As many of each as there are places that take it. */
const MIX: Complexity[] = ['simple', 'complex', 'simple', 'premium', 'simple', 'complex', 'simple'];

/** Spreads videos over lanes and priorities, the same way in each run. */
export function complexityOf(index: number): Complexity {
  return MIX[index % MIX.length] ?? 'simple';
}

export interface PipelineSetup {
  stageMs?: number;
  /** Without it nothing is published, to see what events cost. */
  events?: boolean;
}

/** The whole pipeline with works that do nothing, in this process, on the servers of the environment. */
export class BenchPipeline {
  /** When the first stage's code ran, by video; milliseconds since the epoch. */
  readonly codeRan = new Map<string, number>();
  readonly submitMs: number[] = [];
  readonly #deps: TestDeps;
  #api: RunningApi | null = null;
  #close: (() => Promise<void>)[] = [];

  private constructor(deps: TestDeps) {
    this.#deps = deps;
  }

  /** Starts paused: orders are taken and their workflows start, and nothing is admitted until {@link go}. */
  static async open({ stageMs = 0, events = true }: PipelineSetup = {}): Promise<BenchPipeline> {
    const deps = await createTestDeps({
      places: PLACES,
      queueMax: QUEUE_MAX,
      times: TIMES,
      api: { host: '127.0.0.1', port: 0 },
    });
    const pipeline = new BenchPipeline(deps);
    await deps.pool.query('UPDATE pipeline_state SET paused = true');
    const heard = events ? deps : { ...deps, events: { ...deps.events, publish: async () => undefined } };
    const workers = await startWorkers(heard, QUEUES, { works: pipeline.#works(stageMs) });
    // As the API has it: connections of its own.
    const apiDeps = await openDeps(deps.config, testLogger());
    pipeline.#api = await serveApi(apiDeps);
    pipeline.#close = [
      () => pipeline.#api?.stop() ?? Promise.resolve(),
      () => closeDeps(apiDeps),
      () => pipeline.#forget(),
      () => workers.stop(),
      () => deps.close(),
    ];
    return pipeline;
  }

  get url(): string {
    return this.#api?.url ?? '';
  }

  /** Orders videos over HTTP, four clients at a time; without a priority each has another. */
  async submit(count: number, priority?: number): Promise<void> {
    const first = this.submitMs.length;
    let next = 0;
    const client = async () => {
      while (next < count) await this.#order(first + next++, priority);
    };
    await Promise.all(Array.from({ length: CLIENTS }, client));
  }

  async go(): Promise<void> {
    await this.#deps.pool.query('UPDATE pipeline_state SET paused = false');
    await admit(this.#deps);
  }

  /** Waits for `count` admitted videos to end; with `depth`, orders are added so that as many go on waiting. */
  async drain(count: number, depth = 0): Promise<void> {
    for (;;) {
      const { rows } = await this.#deps.pool.query<{ queued: number; ended: number }>(
        `SELECT count(*) FILTER (WHERE status = 'queued') AS queued,
           count(*) FILTER (WHERE status NOT IN ('queued', 'processing')) AS ended FROM video_queue`,
      );
      const { queued, ended } = rows[0] ?? { queued: 0, ended: 0 };
      if (ended >= count) return;
      if (queued < depth) await this.submit(depth - queued);
      else await pause(LOOK_EVERY_MS);
    }
  }

  async times(): Promise<VideoTimes[]> {
    const ms = (column: string) => `(extract(epoch FROM ${column}) * 1000)::float8`;
    const { rows } = await this.#deps.pool.query<VideoTimes>(
      `SELECT id, status, complexity, score::float8, lane, ${ms('created_at')} AS created,
         ${ms('admitted_at')} AS admitted, ${ms('completed_at')} AS completed FROM video_queue`,
    );
    return rows;
  }

  async close(): Promise<void> {
    for (const step of this.#close) await step();
  }

  #works(stageMs: number): StageWorks {
    const slow = <T extends keyof StageWorks>(stage: T) =>
      (async (context: { videoId: string }) => {
        if (stage === 'script_generation') this.codeRan.set(context.videoId, Date.now());
        if (stageMs > 0) await pause(stageMs);
        return fakeProduct(stage);
      }) as unknown as StageWorks[T];
    const names = Object.keys(fakeWorks()) as (keyof StageWorks)[];
    return fakeWorks(Object.fromEntries(names.map((name) => [name, slow(name)])));
  }

  async #order(index: number, priority = 1 + ((index * 7) % 10)): Promise<void> {
    const order = {
      channel_id: 'bench',
      prompt: `Video ${index} of the bench`,
      complexity: complexityOf(index),
      priority,
    };
    const from = performance.now();
    const answer = await fetch(`${this.#api?.url}/pipeline/queue`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(order),
    });
    const body = await answer.text();
    if (answer.status !== 202) throw new Error(`an order was answered ${answer.status}: ${body}`);
    this.submitMs.push(performance.now() - from);
  }

  /** Leaves no workflow open behind videos that were not waited for. */
  async #forget(): Promise<void> {
    const { pool, temporal } = this.#deps;
    await pool.query('UPDATE pipeline_state SET paused = true');
    const { rows } = await pool.query<{ id: string }>(
      `SELECT id FROM video_queue WHERE status IN ('queued', 'processing')`,
    );
    for (let from = 0; from < rows.length; from += AT_ONCE) {
      const some = rows.slice(from, from + AT_ONCE);
      await Promise.allSettled(
        some.map(({ id }) => temporal.workflow.getHandle(workflowIdOf(id)).terminate('the bench has ended')),
      );
    }
  }
}
