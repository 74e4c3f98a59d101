/** What workflow, activities, API and stores must agree on about webhooks. */

export const NOTIFY_WORKFLOW_TYPE = 'notify';

/** One workflow for one event: a second start finds the id taken. */
export function notifyIdOf(notificationId: string): string {
  return `notify-${notificationId}`;
}

/** The end of a video: an operator's retry begins a new generation, whose end is another event. */
export function videoNotificationId(videoId: string, generation: number): string {
  return `${videoId}-${generation}`;
}

export const NOTIFICATION_STATES = ['pending', 'delivered', 'failed', 'cancelled'] as const;
export type NotificationState = (typeof NOTIFICATION_STATES)[number];

/** What the status of a video shows; it waits until the video has its end. */
export const WEBHOOK_STATES = ['waiting', ...NOTIFICATION_STATES] as const;

/** A notification is given up after so many tries. */
export const TRIES = 5;
const FIRST_WAIT_MS = 10_000;

/** Wait after the given try, 1 is the first: 10, 20, 40, 80 s. */
export function waitAfterTryMs(tries: number): number {
  return FIRST_WAIT_MS * 2 ** (tries - 1);
}

/** A notification that was given up: type of the failure of its workflow, and code of the warning of its video. */
export const GIVEN_UP = 'webhook_failed';

/** The only workflow input: everything else stands in `notifications`. */
export interface NotifyInput {
  notification_id: string;
}

export interface NotificationEnd {
  state: Exclude<NotificationState, 'pending'>;
  /** Why it was given up; null for one that arrived. */
  error: string | null;
}

/** `wait_ms`: this try failed, and the next one is due then; no slot is held meanwhile. */
export type DeliverAnswer = NotificationEnd | { wait_ms: number };

/** Each is idempotent, since a reply may be lost. They run on the `io` queue. */
export interface NotifyActivities {
  /** One try. */
  deliverWebhook(input: NotifyInput): Promise<DeliverAnswer>;
  /** The workflow was cancelled. Changes nothing of a notification that has its end. */
  cancelNotification(input: NotifyInput): Promise<void>;
}
