import type { Worker } from '@temporalio/worker';

/** A worker that can stop taking work for a while: one that has shut down is followed by another. */
export interface LanePoller {
  /** Resolves after `stop`; rejects when a worker dies, and with the error that `stop` was given. */
  ended: Promise<void>;
  /** Takes no more work; what runs goes on for the worker's grace. */
  pause(): void;
  resume(): void;
  stop(error?: Error): void;
}

/** Starts a worker, and another after each pause. Rejects when the first cannot be made. */
export async function startPoller(create: () => Promise<Worker>): Promise<LanePoller> {
  let worker = await create();
  let stopped = false;
  let failure: Error | undefined;
  let resumed: Promise<void> = Promise.resolve();
  let paused = false;
  let open: () => void = () => undefined;
  const drain = () => {
    if (worker.getState() === 'RUNNING') worker.shutdown();
  };
  const poll = async () => {
    for (;;) {
      const run = worker.run();
      // Asked for while the worker was being made.
      if (paused || stopped) drain();
      await run;
      while (paused && !stopped) await resumed;
      if (failure) throw failure;
      if (stopped) return;
      worker = await create();
    }
  };
  return {
    ended: poll(),
    pause() {
      paused = true;
      resumed = new Promise((resolve) => {
        open = resolve;
      });
      drain();
    },
    resume() {
      paused = false;
      open();
    },
    stop(error) {
      stopped = true;
      failure ??= error;
      open();
      drain();
    },
  };
}
