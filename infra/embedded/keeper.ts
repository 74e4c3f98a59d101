import { setTimeout as sleep } from 'node:timers/promises';
import type { ServiceEntry } from './lock-file.ts';
import { halt, launch, type RunningService, ready, type ServicePlan } from './service.ts';

const FIRST_RETRY_MS = 1_000;
const FIRST_BACKOFF_MS = 200;
const MAX_BACKOFF_MS = 30_000;
/** A service that ran this long before it died starts again at once. */
const STEADY_MS = 60_000;

export interface KeeperOptions {
  /** Makes the plan anew for each first start, so that a port taken meanwhile is replaced. */
  plan: () => Promise<ServicePlan>;
  /** First starts that may fail before `start` throws. */
  attempts: number;
  /** Called whenever `entry()` changes. */
  onChange: () => void;
  /** Called when the service died and is started again. */
  onLoss: (reason: string) => void;
}

interface Run {
  plan: ServicePlan;
  service: RunningService;
  startedAt: number;
  readyMs: number | null;
}

/** Keeps one service running, with growing waits between its deaths, until it is stopped. */
export class Keeper {
  readonly #options: KeeperOptions;
  readonly #stopping = new AbortController();
  #starting: Promise<Run> | null = null;
  #current: Run | null = null;

  constructor(options: KeeperOptions) {
    this.#options = options;
  }

  /** Resolves when the service is ready; throws when the last attempt failed. */
  async start(): Promise<void> {
    this.#starting = this.#firstRun();
    void this.#watch(await this.#starting);
  }

  /** Also ends a start that is under way. */
  async stop(): Promise<void> {
    this.#stopping.abort(new Error('stopped while it started'));
    if (this.#current) await halt(this.#current.plan, this.#current.service);
    await this.#starting?.catch(() => undefined);
  }

  entry(): ServiceEntry | null {
    if (!this.#current) return null;
    const { plan, service, readyMs } = this.#current;
    return { pid: service.pid, mark: plan.mark, port: plan.port, ready_ms: readyMs };
  }

  async #firstRun(): Promise<Run> {
    for (let attempt = 1; ; attempt++) {
      const plan = await this.#options.plan();
      try {
        return await this.#run(plan);
      } catch (error) {
        if (attempt >= this.#options.attempts || this.#stopping.signal.aborted) throw error;
        await this.#pause(FIRST_RETRY_MS);
      }
    }
  }

  async #run(plan: ServicePlan): Promise<Run> {
    this.#stopping.signal.throwIfAborted();
    const run: Run = { plan, service: launch(plan), startedAt: performance.now(), readyMs: null };
    this.#current = run;
    this.#options.onChange();
    try {
      await ready(plan, run.service);
    } catch (error) {
      await halt(plan, run.service);
      throw error;
    }
    run.readyMs = Math.round(performance.now() - run.startedAt);
    this.#options.onChange();
    return run;
  }

  async #watch(first: Run): Promise<void> {
    let backoffMs = FIRST_BACKOFF_MS;
    for (let run: Run | null = first; ; ) {
      const reason: string = run ? await run.service.ended : 'it did not start';
      if (this.#stopping.signal.aborted) return;
      this.#options.onLoss(reason);
      if (run && performance.now() - run.startedAt > STEADY_MS) backoffMs = FIRST_BACKOFF_MS;
      await this.#pause(backoffMs);
      backoffMs = Math.min(backoffMs * 2, MAX_BACKOFF_MS);
      run = await this.#run(first.plan).catch(() => null);
    }
  }

  /** Cut short by `stop`. */
  async #pause(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: this.#stopping.signal }).catch(() => undefined);
  }
}
