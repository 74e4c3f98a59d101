import type { AlertLevel, EventFields, EventType, PipelineEvent } from '../../domain/events.ts';
import { duration, money, STAGE_LABELS } from './format.ts';

/** How much an event matters to the one who reads it. */
export type Tone = 'plain' | 'good' | 'warn' | 'bad';

interface Said {
  text: string;
  tone?: Tone;
}

/** What an event says to people; null for those that only fill a bar. */
export function sayEvent(event: PipelineEvent): { text: string; tone: Tone } | null {
  const say = WORDS[event.type] as ((fields: PipelineEvent) => Said | null) | undefined;
  const said = say?.(event);
  return said ? { tone: 'plain', ...said } : null;
}

const MARK_WORDS: Record<AlertLevel, string> = {
  warning: 'Most of the budget is spent',
  critical: 'Nearly all of the budget is spent',
  exceeded: 'The budget is spent',
  price_mismatch: 'A bill was above the most that its call could cost: correct the price list',
  late_charge: 'Money was spent after the end',
};

const CHANGE_WORDS: Record<EventFields['video.changed']['change'], string> = {
  paused: 'An operator paused it',
  resumed: 'An operator resumed it',
  priority: 'An operator changed its priority',
  max_cost: 'An operator changed its budget',
};

const WORDS: { [T in EventType]: (event: EventFields[T]) => Said | null } = {
  'video.queued': ({ position }) => ({ text: position ? `Queued at place ${position}` : 'Queued' }),
  'video.admitted': ({ lane }) => ({ text: `In production on the ${lane} lane` }),
  'stage.started': ({ stage, attempt }) => ({
    text: `${STAGE_LABELS[stage]} began${attempt > 1 ? `, attempt ${attempt}` : ''}`,
  }),
  'stage.progress': () => null,
  'stage.completed': ({ stage, duration_ms, cost, reused }) => ({
    text: reused
      ? `${STAGE_LABELS[stage]} was done before and is kept`
      : `${STAGE_LABELS[stage]} done in ${duration(duration_ms)} for ${money(cost)}`,
    tone: 'good',
  }),
  'stage.failed': ({ stage, attempt, kind, message, next }) => ({
    text: `${STAGE_LABELS[stage]} failed in attempt ${attempt} (${kind}): ${message}. Next: ${next}`,
    tone: 'bad',
  }),
  'stage.alert': ({ stage, message }) => ({
    text: `${STAGE_LABELS[stage]} is kept up: ${message}`,
    tone: 'warn',
  }),
  'provider.closed': ({ provider, reason }) => ({ text: `${provider} is closed: ${reason}`, tone: 'warn' }),
  'provider.opened': ({ provider }) => ({ text: `${provider} is open again`, tone: 'good' }),
  'provider.fallback': ({ provider, used, reason }) => ({
    text: `${used} takes over from ${provider}: ${reason}`,
    tone: 'warn',
  }),
  'quality.failed': ({ checks, mend }) => ({
    text: `Quality checks failed (${checks}): ${STAGE_LABELS[mend]} is made again`,
    tone: 'warn',
  }),
  'cost.charged': ({ service, operation, amount, total }) => ({
    text: `${money(amount)} for ${service} (${operation}), ${money(total)} in all`,
  }),
  'cost.alert': ({ level, cost }) => ({ text: `${MARK_WORDS[level]}: ${money(cost)}`, tone: 'warn' }),
  'video.released': ({ reason }) => ({ text: `Gave its place back: ${reasonWords(reason)}`, tone: 'warn' }),
  'video.completed': ({ cost }) => ({ text: `Completed for ${money(cost)}`, tone: 'good' }),
  'video.failed': ({ message, cost }) => ({ text: `Failed after ${money(cost)}: ${message}`, tone: 'bad' }),
  'video.cancelled': ({ reason, cost }) => ({
    text: `Cancelled after ${money(cost)}: ${reasonWords(reason)}`,
    tone: 'bad',
  }),
  'video.changed': ({ change }) => ({ text: CHANGE_WORDS[change] }),
  'pipeline.changed': () => null,
  'disk.low': ({ machine, free_mb, floor_mb }) => ({
    text: `${machine} has ${free_mb} MB of disk left, less than ${floor_mb} MB, and takes no more videos`,
    tone: 'bad',
  }),
  'disk.ok': ({ machine }) => ({ text: `${machine} has enough disk again`, tone: 'good' }),
  'lane.down': ({ lane, machine, reason }) => ({
    text: `The ${lane} lane of ${machine} is down: ${reason}`,
    tone: 'bad',
  }),
  'lane.up': ({ lane, machine }) => ({ text: `The ${lane} lane of ${machine} works again`, tone: 'good' }),
};

const REASONS: Record<string, string> = {
  cost_limit: 'the next step does not fit into its budget',
  emergency_halt: 'everything was halted',
  operator_cancel: 'an operator cancelled it',
  terminated: 'its workflow was terminated in Temporal',
  worker_lost: 'its workers died again and again',
  workflow_lost: 'its workflow was lost',
  quality: 'it did not pass the quality checks',
  provider_closed: 'a service that it needs is closed',
  infrastructure: 'our own servers are in trouble',
  retry_round: 'all tries are used up for now, another round follows',
  retry_after: 'a service asked to wait',
  lane_lost: 'the workers of its lane are gone',
  gpu_lost: 'the graphics card does not encode any more',
  paused: 'it is paused',
  halted: 'everything is halted',
  place: 'a free place',
  daily_limit: 'the daily limit of money',
  channel_limit: "its channel's daily limit of money",
  disk: 'free disk',
  not_before: 'the end of a wait between two rounds',
};

/** A reason or what a video waits for, in words; an unknown one as it is. */
export function reasonWords(reason: string): string {
  const provider = /^provider:(.+)$/.exec(reason)?.[1];
  return provider ? `the service ${provider}` : (REASONS[reason] ?? reason.replaceAll('_', ' '));
}
