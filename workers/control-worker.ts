import { join } from 'node:path';
import { Worker } from '@temporalio/worker';
import { createControlActivities } from '../activities/control.ts';
import type { Deps } from '../infra/deps.ts';
import { projectRoot } from '../infra/project-root.ts';
import { reconcile } from '../infra/queue/reconcile.ts';
import { tidy } from '../infra/retention/tidy.ts';
import { ensureStatisticsSchedule } from '../infra/temporal/statistics-schedule.ts';
import { type RunningWorker, type WorkerParts, workerOptions } from './parts.ts';
import { repeat } from './repeat.ts';

/**
 * Starts the worker of workflows and bookkeeping, and the timers that repair what others left undone, remove what is too
 * old and keep the Schedule of statistics.
 */
export async function startControlWorker(parts: WorkerParts): Promise<RunningWorker> {
  const { deps, workflowBundle = { codePath: join(projectRoot, '.build', bundleOf(deps)) } } = parts;
  const worker = await Worker.create({
    ...workerOptions(parts, 'control'),
    workflowBundle,
    activities: createControlActivities(deps),
  });
  const ended = worker.run();
  const stopRepairing = repeat(deps.config.times.reconcileMs, 'reconcile', deps.log, () => reconcile(deps));
  const stopTidying = repeat(deps.config.times.tidyMs, 'the removal of old files', deps.log, () =>
    tidy(deps),
  );
  const stopScheduling = repeat(deps.config.times.tidyMs, 'the schedule of statistics', deps.log, () =>
    ensureStatisticsSchedule(deps),
  );
  const stop = async () => {
    stopRepairing();
    stopTidying();
    stopScheduling();
    worker.shutdown();
  };
  return { ended, stop };
}

/** Both tell the same story; what is traced in one may go on in the other. */
function bundleOf({ tracing }: Pick<Deps, 'tracing'>): string {
  return tracing.on ? 'workflows-traced.js' : 'workflows.js';
}
