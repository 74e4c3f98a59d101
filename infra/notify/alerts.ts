import { randomUUID } from 'node:crypto';
import type { NewEvent } from '../../domain/events.ts';
import type { Deps } from '../deps.ts';
import { ALERTS, channelMessages } from '../events/channels.ts';
import type { EventStream } from '../events/event-stream.ts';
import { hideFor } from '../settings/hide-secrets.ts';
import type { Db } from '../stores/postgres.ts';
import { startSoon } from './start.ts';

/** The same alert within this time after the last one is a repeat: a lasting trouble is told of once. */
const REPEATS_WITHIN = `interval '20 minutes'`;

/** An event stream whose critical alerts go to ALERT_WEBHOOK too; the stream itself without one. */
export function withAlerts(
  deps: Pick<Deps, 'config' | 'secrets' | 'log' | 'pool' | 'temporal' | 'events'>,
): EventStream {
  const { events, config, secrets, pool, log } = deps;
  if (config.webhooks.alertUrl === null) return events;
  const hide = hideFor(config, secrets);
  const tell = async (event: NewEvent) => {
    try {
      const over = troubleThatIsOver(event);
      if (over !== null) await forgetAlert(pool, over);
      const body = alertBody(event, new Date().toISOString());
      const id = body && (await addAlert(pool, troubleOf(event), hide(body)));
      if (id) await startSoon(deps, id);
    } catch (error) {
      log.error({ err: error, type: event.type, video_id: event.video_id }, 'ALERT_WEBHOOK was not told');
    }
  };
  return {
    ...events,
    publish: async (event) => {
      await Promise.all([events.publish(event), tell(event)]);
    },
  };
}

/** Null for an event that is no critical alert. */
function alertBody(event: NewEvent, timestamp: string): string | null {
  const alert = channelMessages(event, timestamp).find(({ channel }) => channel === ALERTS)?.body;
  if (!alert || alert['severity'] === 'high') return null;
  const { type, ...fields } = event;
  const { severity, stage, error } = alert;
  return JSON.stringify({
    type: 'alert.critical',
    timestamp,
    data: { event: type, severity, ...fields, stage, error },
  });
}

/** Null when it is the repeat of an alert that was told of already. */
async function addAlert(db: Db, trouble: string | null, body: string): Promise<string | null> {
  const { rows } = await db.query<{ id: string }>(
    `WITH repeated AS (
       UPDATE notifications SET seen_at = clock_timestamp()
       WHERE alert = $2 AND seen_at > clock_timestamp() - ${REPEATS_WITHIN} RETURNING id)
     INSERT INTO notifications (id, alert, body) SELECT $1, $2, $3 WHERE NOT EXISTS (SELECT FROM repeated)
     RETURNING id`,
    [randomUUID(), trouble, body],
  );
  return rows[0]?.id ?? null;
}

/** The trouble is over: when it comes again, that is news. */
export async function forgetAlert(db: Db, trouble: string): Promise<void> {
  await db.query('UPDATE notifications SET alert = NULL WHERE alert = $1', [trouble]);
}

/** Name of a provider's trouble among alerts. */
export function closedProviderAlert(provider: string): string {
  return `provider.closed ${provider}`;
}

/** What lasts, and is told of again and again meanwhile; null for what happens once. */
function troubleOf(event: NewEvent): string | null {
  switch (event.type) {
    case 'stage.alert':
      return `stage.alert ${event.video_id} ${event.stage}`;
    case 'provider.closed':
      return closedProviderAlert(event.provider);
    case 'disk.low':
      return `disk.low ${event.machine}`;
    case 'lane.down':
      return `lane.down ${event.machine} ${event.lane}`;
    default:
      return null;
  }
}

function troubleThatIsOver(event: NewEvent): string | null {
  switch (event.type) {
    case 'provider.opened':
      return closedProviderAlert(event.provider);
    case 'disk.ok':
      return troubleOf({ ...event, type: 'disk.low' });
    case 'lane.up':
      return troubleOf({ ...event, type: 'lane.down', reason: '' });
    default:
      return null;
  }
}
