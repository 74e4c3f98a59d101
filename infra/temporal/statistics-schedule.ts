import {
  ScheduleAlreadyRunning,
  type ScheduleDescription,
  type ScheduleOptions,
  ScheduleOverlapPolicy,
} from '@temporalio/client';
import { STATISTICS_SCHEDULE, STATISTICS_WORKFLOW_TYPE } from '../../domain/statistics.ts';
import type { Deps } from '../deps.ts';
import type { Config } from '../settings/config.ts';
import { taskQueue } from './temporal.ts';

const DEADLINE_MS = 15_000;
/** Farms that were started together do not ask together. */
const JITTER_MS = 10 * 60_000;
/** A time that was missed while Temporal was away is made up for so long. */
const CATCHUP_MS = 3_600_000;

/** Its own for each prefix of task queues. */
export function statisticsScheduleId({ temporal }: Pick<Config, 'temporal'>): string {
  return `${temporal.taskQueuePrefix}${STATISTICS_SCHEDULE}`;
}

/**
 * Makes the Schedule that collects statistics, where there is a key for them, or brings it up to the configuration.
 * Again, and twice at once, is harmless; an operator's pause stays. Throws when Temporal does not answer within 15 s.
 */
export async function ensureStatisticsSchedule({
  temporal,
  config,
}: Pick<Deps, 'temporal' | 'config'>): Promise<void> {
  const everyMs = config.youtube.statisticsMs;
  if (everyMs === null) return;
  const scheduleId = statisticsScheduleId(config);
  const wanted = scheduleOf(config, everyMs);
  await temporal.withDeadline(Date.now() + DEADLINE_MS, async () => {
    try {
      await temporal.schedule.create({ scheduleId, ...wanted });
    } catch (error) {
      if (!(error instanceof ScheduleAlreadyRunning)) throw error;
      const handle = temporal.schedule.getHandle(scheduleId);
      // Unless it must: a pause between the two calls of an update would be lost.
      if (isAsWanted(await handle.describe(), config, everyMs)) return;
      await handle.update(({ state }) => ({ ...wanted, state }));
    }
  });
}

function scheduleOf(config: Config, everyMs: number) {
  return {
    spec: { intervals: [{ every: everyMs }], jitter: jitterOf(everyMs) },
    action: {
      type: 'startWorkflow',
      workflowType: STATISTICS_WORKFLOW_TYPE,
      workflowId: statisticsScheduleId(config),
      taskQueue: taskQueue(config, 'control'),
      args: [{}],
    },
    policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: CATCHUP_MS },
  } satisfies Omit<ScheduleOptions, 'scheduleId'>;
}

function jitterOf(everyMs: number): number {
  return Math.min(JITTER_MS, everyMs / 4);
}

function isAsWanted({ spec, action }: ScheduleDescription, config: Config, everyMs: number): boolean {
  return (
    spec.intervals?.[0]?.every === everyMs &&
    spec.jitter === jitterOf(everyMs) &&
    action.type === 'startWorkflow' &&
    action.taskQueue === taskQueue(config, 'control')
  );
}
