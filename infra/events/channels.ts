import { ERROR_KINDS, type ErrorKind } from '../../domain/errors.ts';
import type { NewEvent } from '../../domain/events.ts';

/** Where operators hear of what needs them. */
export const ALERTS = 'pipeline:alert.critical';

/** What goes to a channel of the seed, before the prefix. */
export interface ChannelMessage {
  channel: string;
  body: Record<string, unknown>;
}

/** What other listeners are told on the channels of the seed; most events have none. */
export function channelMessages(event: NewEvent, timestamp: string): ChannelMessage[] {
  if (event.type === 'cost.alert') return costAlerts(event, timestamp);
  const message = channelMessage(event, timestamp);
  return message ? [message] : [];
}

/** An operator hears of money on either channel. */
function costAlerts(
  { video_id, level, cost, stage = null }: Extract<NewEvent, { type: 'cost.alert' }>,
  timestamp: string,
): ChannelMessage[] {
  const severity = level === 'warning' ? 'high' : 'critical';
  const error = `cost ${level}: $${cost}`;
  return [
    { channel: 'alerts:cost', body: { video_id, level, cost, timestamp } },
    { channel: ALERTS, body: { severity, video_id, stage, error, timestamp } },
  ];
}

function channelMessage(event: NewEvent, timestamp: string): ChannelMessage | null {
  const { video_id } = event;
  switch (event.type) {
    case 'stage.started':
    case 'stage.progress':
    case 'stage.completed': {
      const { stage, progress } = event;
      return { channel: 'pipeline:progress', body: { video_id, stage, progress, timestamp } };
    }
    case 'video.completed': {
      const { cost, title, duration_ms } = event;
      return {
        channel: 'pipeline:video.completed',
        body: { video_id, cost, metadata: { title, duration_ms } },
      };
    }
    case 'stage.failed': {
      const { stage, kind, message } = event;
      const severity = ERROR_KINDS[kind as ErrorKind]?.severity ?? 'bug';
      if (severity !== 'critical' && severity !== 'bug') return null;
      return { channel: ALERTS, body: { severity, video_id, stage, error: message, timestamp } };
    }
    case 'stage.alert': {
      const { stage, severity, message: error } = event;
      return { channel: ALERTS, body: { severity, video_id, stage, error, timestamp } };
    }
    case 'disk.low': {
      const error = `only ${event.free_mb} MB of ${event.floor_mb} MB are free on machine ${event.machine}: it takes no more videos`;
      return { channel: ALERTS, body: { severity: 'critical', video_id, stage: null, error, timestamp } };
    }
    case 'lane.down': {
      const error = `lane ${event.lane} of machine ${event.machine} takes no work: ${event.reason}`;
      return { channel: ALERTS, body: { severity: 'critical', video_id, stage: null, error, timestamp } };
    }
    case 'provider.closed': {
      const error = `${event.provider} is closed: ${event.reason}`;
      return { channel: ALERTS, body: { severity: 'critical', video_id, stage: null, error, timestamp } };
    }
    default:
      return null;
  }
}
