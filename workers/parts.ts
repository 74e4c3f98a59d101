import type { NativeConnection, WorkerOptions, WorkflowBundleOption } from '@temporalio/worker';
import type { StageWorks } from '../activities/index.ts';
import { HEARTBEAT_THROTTLE_MS, type QueueName } from '../domain/stages.ts';
import type { Deps } from '../infra/deps.ts';
import type { Config } from '../infra/settings/config.ts';
import { taskQueue } from '../infra/temporal/temporal.ts';

/** After the grace, stages have this long to stop their children. */
const SHUTDOWN_FORCE_AFTER_MS = 10_000;

export interface WorkerSetup {
  /** Default: the real six. */
  works?: StageWorks;
  /** Default: the bundle that the build has left in `.build/`. */
  workflowBundle?: WorkflowBundleOption;
}

export interface WorkerParts extends WorkerSetup {
  deps: Deps;
  connection: NativeConnection;
}

/** One worker that polls. `ended` rejects when it dies; `stop` asks it to drain. */
export interface RunningWorker {
  ended: Promise<void>;
  stop(): Promise<void>;
}

/**
 * Options that all workers share. Eager dispatch hands an activity to the worker that has just asked for it, past the
 * order of its queue: right for bookkeeping, whose queue has no order, and off for stages.
 */
export function workerOptions({ deps, connection }: WorkerParts, queue: QueueName): WorkerOptions {
  const shutdownGraceTime = deps.config.times.shutdownGraceMs;
  return {
    connection,
    namespace: deps.config.temporal.namespace,
    taskQueue: taskQueue(deps.config, queue),
    identity: `${deps.config.machine.id}/${process.pid}/${queue}`,
    maxHeartbeatThrottleInterval: HEARTBEAT_THROTTLE_MS,
    ...(queue !== 'control' && { maxEagerActivityReservationsPerWorkflowTask: 0 }),
    ...deploymentOf(deps.config),
    ...deps.tracing.worker,
    shutdownGraceTime,
    shutdownForceTime: shutdownGraceTime + SHUTDOWN_FORCE_AFTER_MS,
  };
}

/**
 * With a version Temporal sends work only to the deployment's current one. A video moves over to it at its next task:
 * it may wait for a place longer than old workers live, and `patched` keeps its story whole.
 */
function deploymentOf({ temporal }: Config): Pick<WorkerOptions, 'workerDeploymentOptions'> {
  if (temporal.deployment === null) return {};
  const { name: deploymentName, buildId } = temporal.deployment;
  const version = { deploymentName, buildId };
  return {
    workerDeploymentOptions: {
      version,
      useWorkerVersioning: true,
      defaultVersioningBehavior: 'AUTO_UPGRADE',
    },
  };
}
