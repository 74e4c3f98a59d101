import { type CollectInput, STATISTICS_WORKFLOW_TYPE } from '../../domain/statistics.ts';
import type { Deps } from '../deps.ts';
import { statisticsScheduleId } from '../temporal/statistics-schedule.ts';
import { taskQueue } from '../temporal/temporal.ts';

const DEADLINE_MS = 2_000;

/**
 * Starts a collection of one channel, or joins the one that runs; answers the id of its workflow. Throws when Temporal
 * does not answer within two seconds.
 */
export async function collectNow(
  { temporal, config }: Pick<Deps, 'temporal' | 'config'>,
  channelId: string,
): Promise<string> {
  const input: CollectInput = { channel_id: channelId };
  const workflowId = `${statisticsScheduleId(config)}-${channelId}`;
  await temporal.withDeadline(Date.now() + DEADLINE_MS, () =>
    temporal.workflow.start(STATISTICS_WORKFLOW_TYPE, {
      workflowId,
      taskQueue: taskQueue(config, 'control'),
      args: [input],
      workflowIdConflictPolicy: 'USE_EXISTING',
      staticSummary: `Statistics of ${channelId}`,
    }),
  );
  return workflowId;
}
