import { ActivityCancellationType, type ActivityOptions, workflowInfo } from '@temporalio/workflow';
import type { Lane } from '../domain/lanes.ts';
import {
  HEARTBEAT_TIMEOUT_MS,
  LANE_SCHEDULE_TO_START_MS,
  type QueueName,
  queueOf,
  STAGES,
  type StageName,
  startToCloseMs,
} from '../domain/stages.ts';

const OWN_QUEUE: QueueName = 'control';

/** Bookkeeping is short and idempotent; it is tried until it works, so that no ending is lost. */
export function controlOptions(summary: string): ActivityOptions {
  return {
    taskQueue: queueName('control'),
    startToCloseTimeout: 30_000,
    retry: { initialInterval: 500, backoffCoefficient: 2, maximumInterval: 10_000 },
    summary,
  };
}

/**
 * Options of a stage, from its row of the stage table. The server's attempts are unlimited: the stage
 * wrapper alone ends a stage, since only it can tell a real failure from a lost worker.
 */
export function stageOptions(name: StageName, lane: Lane): ActivityOptions {
  const spec = STAGES[name];
  return {
    taskQueue: queueName(queueOf(spec, lane)),
    startToCloseTimeout: startToCloseMs(spec, lane),
    heartbeatTimeout: HEARTBEAT_TIMEOUT_MS,
    ...(spec.queue === 'lane' && { scheduleToStartTimeout: LANE_SCHEDULE_TO_START_MS }),
    retry: { initialInterval: 1_000, backoffCoefficient: 1 },
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
    summary: spec.queue === 'lane' ? `${name} on ${lane}` : name,
  };
}

/** The activities of a publication: an upload takes as long as it takes, while its heart beats. */
export function publishOptions(summary: string): ActivityOptions {
  return {
    taskQueue: queueName('io'),
    startToCloseTimeout: '24 hours',
    heartbeatTimeout: HEARTBEAT_TIMEOUT_MS,
    retry: { initialInterval: 1_000, backoffCoefficient: 2, maximumInterval: 60_000 },
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
    summary,
  };
}

/** A try of a webhook ends within seconds. */
export function notifyOptions(summary: string): ActivityOptions {
  return {
    taskQueue: queueName('io'),
    startToCloseTimeout: 30_000,
    heartbeatTimeout: HEARTBEAT_TIMEOUT_MS,
    retry: { initialInterval: 1_000, backoffCoefficient: 2, maximumInterval: 60_000 },
    summary,
  };
}

/** One call of YouTube; after five tries the collection fails, and the next one is hours away. */
export function statisticsOptions(summary: string): ActivityOptions {
  return {
    taskQueue: queueName('io'),
    startToCloseTimeout: '2 minutes',
    retry: { initialInterval: 10_000, backoffCoefficient: 2, maximumAttempts: 5 },
    summary,
  };
}

/** The workflow runs on `<prefix>control`, which is how the prefix of all queues reaches it. */
function queueName(queue: QueueName): string {
  return `${workflowInfo().taskQueue.slice(0, -OWN_QUEUE.length)}${queue}`;
}
