import { criticalAt } from '../../../domain/budget.ts';
import type { ERROR_KINDS, ErrorKind } from '../../../domain/errors.ts';
import type { PipelineEvent } from '../../../domain/events.ts';
import type { DetailedHealth, Provider } from '../answers.ts';
import { sayEvent } from '../event-words.ts';
import { cents, clock, dayAndTime, microsOf } from '../format.ts';
import type { VideoRow } from '../video-row.ts';

export interface Alert {
  /** The same for the same trouble. */
  key: string;
  severity: 'warn' | 'bad';
  text: string;
  /** The video that it is about. */
  videoId?: string;
  /** A service that an operator may open again. */
  provider?: string;
}

/** An alert that was an event and is no state: it stays until the page is loaded again or it is put away. */
export type Told = Alert;

/** What is wrong now, the worst first: closed services, unwell parts, and videos near their limit. */
export function alertsOf(
  health: DetailedHealth | null,
  providers: readonly Provider[],
  rows: readonly VideoRow[],
): Alert[] {
  const alerts = [
    ...providers.filter(({ state }) => state === 'closed').map(closedAlert),
    ...Object.entries(health?.components ?? {}).flatMap(([name, part]) => partAlert(name, part)),
    ...rows.filter(isNearLimit).map(limitAlert),
  ];
  return alerts.sort((a, b) => Number(b.severity === 'bad') - Number(a.severity === 'bad'));
}

function closedAlert({ name, reason, closed_until }: Provider): Alert {
  const until = closed_until ? reopening(closed_until) : 'closed until you open it';
  return {
    key: `provider ${name}`,
    severity: closed_until ? 'warn' : 'bad',
    text: `${name} is closed: ${reason ?? 'no reason given'} (${until})`,
    provider: name,
  };
}

function reopening(time: string): string {
  return Date.parse(time) > Date.now() ? `tried again at ${clock(time)}` : 'the next video tries it';
}

/** Closed services stand for themselves, one by one. */
function partAlert(name: string, { status, reason }: DetailedHealth['components'][string]): Alert[] {
  if (name === 'providers' || status === 'healthy' || status === 'unavailable') return [];
  return [
    {
      key: `part ${name}`,
      severity: status === 'unhealthy' ? 'bad' : 'warn',
      text: `${name}: ${reason ?? status}`,
    },
  ];
}

function isNearLimit({ status, actual_cost, max_cost }: VideoRow): boolean {
  if (status !== 'processing' && status !== 'queued') return false;
  return microsOf(actual_cost) >= criticalAt(microsOf(max_cost));
}

function limitAlert({ video_id, subject, actual_cost, max_cost }: VideoRow): Alert {
  const text = `"${subject}" has spent ${cents(actual_cost)} of ${cents(max_cost)}`;
  return { key: `limit ${video_id}`, severity: 'warn', text, videoId: video_id };
}

/** Kinds of failure that the error table calls critical or a bug: those that ALERT_WEBHOOK gets. */
type AlertingKind = {
  [K in ErrorKind]: (typeof ERROR_KINDS)[K]['severity'] extends 'critical' | 'bug' ? K : never;
}[ErrorKind];

/** Written out, since the table has more words than the page may load. */
const ALERTING: Record<AlertingKind, true> = {
  cost_limit: true,
  gpu_out_of_memory: true,
  provider_account: true,
  invalid_input: true,
  worker_lost: true,
  bug: true,
};

/** The alert that an event is; null for those that are none, or are seen in a state. */
export function toldBy(event: PipelineEvent): Told | null {
  const isTold =
    (event.type === 'cost.alert' && (event.level === 'price_mismatch' || event.level === 'late_charge')) ||
    event.type === 'stage.alert' ||
    (event.type === 'stage.failed' && Object.hasOwn(ALERTING, event.kind));
  if (!isTold) return null;
  const said = sayEvent(event)?.text ?? event.type;
  const key = `${event.type} ${event.video_id}`;
  const alert: Alert = { key, severity: 'bad', text: `${dayAndTime(event.at).slice(11)} ${said}` };
  return event.video_id === null ? alert : { ...alert, videoId: event.video_id };
}
