import { proxyActivities, workflowInfo } from '@temporalio/workflow';
import {
  type CollectInput,
  type CollectOutcome,
  MAX_PAGES,
  type PageAnswer,
  type PageRequest,
  type StatisticsActivities,
} from '../domain/statistics.ts';
import { statisticsOptions } from './stage-options.ts';

/**
 * Collects statistics of channels, then of published videos, page by page. Ends Completed also when it has to stop
 * early, and says why; Failed when YouTube stays away longer than the tries of a page last.
 */
export async function collectStatistics(input: CollectInput): Promise<CollectOutcome> {
  const activities = proxyActivities<StatisticsActivities>(statisticsOptions('statistics'));
  const request = { ...input, at: workflowInfo().startTime.toISOString() };
  const outcome: CollectOutcome = { channels: 0, videos: 0, not_found: 0, stopped: null };
  const steps = [
    ['channels', activities.collectChannels],
    ['videos', activities.collectVideos],
  ] as const;
  for (const [counted, collect] of steps) {
    let page: PageRequest | null = { ...request, after: null };
    for (let pages = 0; page !== null && pages < MAX_PAGES; pages += 1) {
      const { found, not_found, next, stopped }: PageAnswer = await collect(page);
      outcome[counted] += found;
      outcome.not_found += not_found;
      if (stopped !== null) return { ...outcome, stopped };
      page = next === null ? null : { ...request, after: next };
    }
  }
  return outcome;
}
