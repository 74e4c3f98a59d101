import { NOTIFY_WORKFLOW_TYPE, type NotifyInput, notifyIdOf } from '../../domain/notifications.ts';
import type { Deps } from '../deps.ts';
import { hideFor } from '../settings/hide-secrets.ts';
import type { Db } from '../stores/postgres.ts';
import { startOnce } from '../temporal/start-once.ts';
import { endNotification, giveUp } from './notifications.ts';
import { noteForgottenEnds } from './video-ended.ts';

type Needs = Pick<Deps, 'pool' | 'temporal' | 'config' | 'log'>;

/** Whoever has just written a notification waits for Temporal no longer; reconcile makes up for it. */
const AT_ONCE_MS = 1_000;
const DEADLINE_MS = 5_000;
/** Most notifications of one pass. */
const OF_A_PASS = 50;

/** Sends a notification that was just written on its way. Never throws, and takes a second at most. */
export async function startSoon(deps: Needs, notificationId: string): Promise<void> {
  try {
    await start(deps, notificationId, AT_ONCE_MS);
  } catch (error) {
    deps.log.warn(
      { err: error, notification_id: notificationId },
      'its delivery was not started, reconcile will',
    );
  }
}

/**
 * Writes the ends of videos that were not noted, starts the deliveries whose start was lost, and ends notifications whose
 * workflow was ended by hand. Again is harmless. Throws when Postgres or Temporal is away.
 */
export async function reconcileNotifications(deps: Needs & Pick<Deps, 'secrets'>): Promise<void> {
  await noteForgottenEnds(deps.pool, hideFor(deps.config, deps.secrets));
  for (const id of await leastLookedAt(deps.pool, deps.config.times.redeliverMs)) {
    await start(deps, id, DEADLINE_MS);
  }
}

async function leastLookedAt(db: Db, notWithinMs: number): Promise<string[]> {
  const { rows } = await db.query<{ id: string }>(
    `SELECT id FROM notifications WHERE state = 'pending'
       AND coalesce(looked_at, created_at) < clock_timestamp() - $1 * interval '1 ms'
     ORDER BY coalesce(looked_at, created_at) LIMIT ${OF_A_PASS}`,
    [notWithinMs],
  );
  return rows.map(({ id }) => id);
}

async function start(deps: Needs, id: string, deadlineMs: number): Promise<void> {
  const input: NotifyInput = { notification_id: id };
  const closed = await startOnce(deps, {
    type: NOTIFY_WORKFLOW_TYPE,
    workflowId: notifyIdOf(id),
    input,
    summary: `Notify ${id}`,
    deadlineMs,
  });
  if (closed !== null) await endAsClosed(deps, id, closed);
  await deps.pool.query('UPDATE notifications SET looked_at = clock_timestamp() WHERE id = $1', [id]);
}

async function endAsClosed({ pool }: Needs, id: string, status: string): Promise<void> {
  const error = `the workflow ended as ${status}`;
  if (status === 'CANCELLED' || status === 'TERMINATED') {
    await endNotification(pool, id, { state: 'cancelled', error });
  } else await giveUp(pool, id, error);
}
