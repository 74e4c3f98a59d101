import {
  ApplicationFailure,
  CancellationScope,
  isCancellation,
  proxyActivities,
  sleep,
} from '@temporalio/workflow';
import {
  GIVEN_UP,
  type NotificationEnd,
  type NotifyActivities,
  type NotifyInput,
} from '../domain/notifications.ts';
import { notifyOptions } from './stage-options.ts';

/**
 * Brings one event to its receiver: a try, a longer wait, the next try. Ends Completed, Failed or Canceled as its row
 * in `notifications` does. Nothing waits for it.
 */
export async function notify(input: NotifyInput): Promise<NotificationEnd> {
  const { cancelNotification } = proxyActivities<NotifyActivities>(notifyOptions('cancel'));
  try {
    const end = await tryUntilEnd(input);
    if (end.state === 'failed') throw ApplicationFailure.nonRetryable(end.error, GIVEN_UP);
    return end;
  } catch (error) {
    if (isCancellation(error)) await CancellationScope.nonCancellable(() => cancelNotification(input));
    throw error;
  }
}

async function tryUntilEnd(input: NotifyInput): Promise<NotificationEnd> {
  const { deliverWebhook } = proxyActivities<NotifyActivities>(notifyOptions('deliver'));
  for (;;) {
    const answer = await deliverWebhook(input);
    if ('state' in answer) return answer;
    await sleep(answer.wait_ms);
  }
}
