import { Context } from '@temporalio/activity';
import {
  type DeliverAnswer,
  type NotificationEnd,
  type NotifyActivities,
  TRIES,
  waitAfterTryMs,
} from '../../domain/notifications.ts';
import { HEARTBEAT_EVERY_MS } from '../../domain/stages.ts';
import type { Deps } from '../../infra/deps.ts';
import {
  beginTry,
  type DueTry,
  endNotification,
  giveUp,
  noteError,
  readNotification,
} from '../../infra/notify/notifications.ts';
import { HOW_TO_SIGN } from '../../infra/settings/webhooks-config.ts';
import { postWebhook, WebhookFailed } from './post.ts';

/** The activities of the workflow `notify`. */
export function createNotifyActivities(deps: Deps): NotifyActivities {
  return {
    deliverWebhook: async ({ notification_id: id }) => {
      const { cancellationSignal, heartbeat } = Context.current();
      const heart = setInterval(() => heartbeat(), HEARTBEAT_EVERY_MS);
      return deliver(deps, id, cancellationSignal).finally(() => clearInterval(heart));
    },
    cancelNotification: async ({ notification_id: id }) => {
      await endNotification(deps.pool, id, { state: 'cancelled', error: 'cancelled by the operator' });
    },
  };
}

async function deliver(deps: Deps, id: string, signal: AbortSignal): Promise<DeliverAnswer> {
  const due = await beginTry(deps.pool, id);
  if (!due) return endOf(deps, id);
  try {
    await send(deps, id, due, signal);
  } catch (error) {
    if (error instanceof WebhookFailed) return afterFailure(deps, id, due, error);
    throw error;
  }
  const end: NotificationEnd = { state: 'delivered', error: null };
  await endNotification(deps.pool, id, end);
  return end;
}

async function send(deps: Deps, id: string, due: DueTry, signal: AbortSignal): Promise<void> {
  const { alertUrl, hosts } = deps.config.webhooks;
  const { webhook: secret } = deps.secrets;
  const url = due.video_id === null ? alertUrl : due.url;
  if (url === null) throw new WebhookFailed('ALERT_WEBHOOK is not set any more', true);
  if (secret === null) throw new WebhookFailed(`this worker has no secret: ${HOW_TO_SIGN}`);
  await postWebhook(url, { id, body: due.body }, { secret, hosts, signal });
}

async function afterFailure(
  deps: Deps,
  id: string,
  { tries }: DueTry,
  { message, final }: WebhookFailed,
): Promise<DeliverAnswer> {
  if (final || tries >= TRIES) return abandon(deps, id, message);
  await noteError(deps.pool, id, message);
  return { wait_ms: waitAfterTryMs(tries) * deps.config.times.retryScale };
}

/** It is gone, or has its end, or the worker of its last try never said how that went. */
async function endOf(deps: Deps, id: string): Promise<NotificationEnd> {
  const row = await readNotification(deps.pool, id);
  if (!row) return { state: 'cancelled', error: null };
  if (row.state === 'pending') return abandon(deps, id, row.last_error ?? 'its last try was lost');
  return { state: row.state, error: row.last_error };
}

async function abandon(deps: Deps, id: string, error: string): Promise<NotificationEnd> {
  if (await giveUp(deps.pool, id, error)) {
    deps.log.error({ notification_id: id, reason: error }, 'a webhook was given up');
  }
  return { state: 'failed', error };
}
