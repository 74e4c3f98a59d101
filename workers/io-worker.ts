import { Worker } from '@temporalio/worker';
import { createStageActivities } from '../activities/index.ts';
import { createNotifyActivities } from '../activities/notify/activities.ts';
import { createPublishActivities } from '../activities/publish/activities.ts';
import { createStatisticsActivities } from '../activities/statistics/activities.ts';
import { type RunningWorker, type WorkerParts, workerOptions } from './parts.ts';

/** Starts the worker of the stages that mostly wait for the network, of publications, and of statistics. */
export async function startIoWorker(parts: WorkerParts): Promise<RunningWorker> {
  const { deps, works } = parts;
  const worker = await Worker.create({
    ...workerOptions(parts, 'io'),
    activities: {
      ...createStageActivities(deps, works),
      ...createPublishActivities(deps),
      ...createNotifyActivities(deps),
      ...createStatisticsActivities(deps),
    },
    maxConcurrentActivityTaskExecutions: deps.config.slots.io,
  });
  return { ended: worker.run(), stop: async () => worker.shutdown() };
}
