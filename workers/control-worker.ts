import { join } from 'node:path';
import { Worker } from '@temporalio/worker';
import { createControlActivities } from '../activities/control.ts';
import { projectRoot } from '../infra/project-root.ts';
import { reconcile } from '../infra/reconcile.ts';
import { type RunningWorker, type WorkerParts, workerOptions } from './parts.ts';
import { repeat } from './repeat.ts';

/** Starts the worker of workflows and bookkeeping, and the timer that repairs what others left undone. */
export async function startControlWorker(parts: WorkerParts): Promise<RunningWorker> {
  const { deps, workflowBundle = { codePath: join(projectRoot, '.build', 'workflows.js') } } = parts;
  const worker = await Worker.create({
    ...workerOptions(parts, 'control'),
    workflowBundle,
    activities: createControlActivities(deps),
  });
  const ended = worker.run();
  const stopRepairing = repeat(deps.config.times.reconcileMs, 'reconcile', deps.log, () => reconcile(deps));
  const stop = async () => {
    stopRepairing();
    worker.shutdown();
  };
  return { ended, stop };
}
