import { NativeConnection } from '@temporalio/worker';
import { removeLeftWork } from '../activities/work-folder.ts';
import type { QueueName } from '../domain/stages.ts';
import { statisticsProvider } from '../infra/analytics/provider.ts';
import type { Deps } from '../infra/deps.ts';
import { configuredProviders } from '../infra/providers/configured.ts';
import { registerProviders } from '../infra/providers/registry.ts';
import { checkStore, requireStageTable } from '../infra/queue/lane-workers.ts';
import { temporalAddress } from '../infra/temporal/temporal-connection.ts';
import { startControlWorker } from './control-worker.ts';
import { startIoWorker } from './io-worker.ts';
import { startLaneWorker } from './lane-worker.ts';
import type { RunningWorker, WorkerParts, WorkerSetup } from './parts.ts';

/** Starts a worker for each queue and resolves when all of them poll. Throws, with all stopped, when one cannot start. */
export async function startWorkers(
  deps: Deps,
  queues: readonly QueueName[],
  setup: WorkerSetup = {},
): Promise<RunningWorker> {
  await requireStageTable(deps);
  await registerProviders(deps, [
    ...configuredProviders(deps.config, deps.secrets),
    ...statisticsProvider(deps.config, deps.secrets),
  ]);
  await checkStore(deps);
  await removeLeftWork(deps).catch((error: unknown) => {
    deps.log.warn({ err: error }, 'what killed workers have left could not be removed');
  });
  const connection = await NativeConnection.connect(temporalAddress(deps.config, deps.secrets));
  const parts: WorkerParts = { ...setup, deps, connection };
  const started = await Promise.allSettled(queues.map((queue) => startWorker(parts, queue)));
  const running = started.flatMap((start) => (start.status === 'fulfilled' ? [start.value] : []));
  const stop = async () => {
    await Promise.all(running.map((worker) => worker.stop()));
    await Promise.allSettled(running.map((worker) => worker.ended));
    await connection.close();
  };
  const failed = started.find((start) => start.status === 'rejected');
  if (failed) {
    await stop();
    throw failed.reason;
  }
  return { ended: Promise.all(running.map((worker) => worker.ended)).then(() => undefined), stop };
}

function startWorker(parts: WorkerParts, queue: QueueName): Promise<RunningWorker> {
  if (queue === 'control') return startControlWorker(parts);
  return queue === 'io' ? startIoWorker(parts) : startLaneWorker(parts, queue);
}
