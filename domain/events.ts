import type { Mark } from './budget.ts';
import type { Lane } from './lanes.ts';
import type { Mender } from './quality.ts';
import type { StageName } from './stages.ts';
import type { FinalStatus } from './video.ts';

/** A mark of the budget, a bill above its hold, or money spent after the video's end. */
export type AlertLevel = Mark | 'price_mismatch' | 'late_charge';

/** Fields of each event beside `id`, `type`, `video_id` and `at`. Amounts are decimal dollars, progress 0 to 100. */
export interface EventFields {
  'video.queued': { position: number | null; estimated_cost: number };
  'video.admitted': { lane: Lane; admission_no: number };
  'stage.started': { stage: StageName; attempt: number; progress: number };
  'stage.progress': { stage: StageName; percent: number; progress: number; note?: string };
  'stage.completed': {
    stage: StageName;
    progress: number;
    duration_ms: number;
    cost: number;
    reused: boolean;
    providers: Record<string, string>;
  };
  'stage.failed': { stage: StageName; attempt: number; kind: string; message: string; next: string };
  'stage.alert': { stage: StageName; severity: string; message: string };
  'provider.closed': { provider: string; reason: string; closed_until: string | null };
  'provider.opened': { provider: string };
  'provider.fallback': { stage: StageName; provider: string; used: string; reason: string };
  'quality.failed': { checks: string; mend: Mender };
  'cost.charged': { service: string; operation: string; amount: number; total: number };
  'cost.alert': { level: AlertLevel; cost: number; stage?: StageName | null };
  'video.released': { reason: string };
  'video.completed': { cost: number; title: string; duration_ms: number };
  'video.failed': { reason: string; stage: StageName | null; message: string; cost: number };
  'video.cancelled': { reason: string; stage: StageName | null; cost: number };
  'video.changed': { change: 'paused' | 'resumed' | 'priority' | 'max_cost' };
  'pipeline.changed': { change: 'paused' | 'resumed' | 'halted' | 'provider_opened' };
  'disk.low': { machine: string; free_mb: number; floor_mb: number };
  'disk.ok': { machine: string; free_mb: number; floor_mb: number };
  'lane.down': { lane: Lane; machine: string; reason: string };
  'lane.up': { lane: Lane; machine: string };
}

export type EventType = keyof EventFields;

/** Events of the whole pipeline are in the stream of all events alone; no video has called for statistics. */
type VideoIdOf<T extends EventType> = T extends `${'disk' | 'lane' | 'pipeline'}.${string}`
  ? null
  : T extends `provider.${'closed' | 'opened'}`
    ? string | null
    : string;

/** Every event, written to the Redis stream `events:<video_id>`. `id` is the stream's id, `at` ISO 8601. */
export type PipelineEvent = {
  [T in EventType]: { id: string; type: T; video_id: VideoIdOf<T>; at: string } & EventFields[T];
}[EventType];

/** An event before the stream has given it its id and time. */
export type NewEvent = {
  [T in EventType]: { type: T; video_id: VideoIdOf<T> } & EventFields[T];
}[EventType];

/** The last event of a video says how it ended. */
export const FINAL_EVENT: Record<FinalStatus, EventType> = {
  completed: 'video.completed',
  failed: 'video.failed',
  cancelled: 'video.cancelled',
};

export function endsStream(type: string): boolean {
  return Object.values(FINAL_EVENT).includes(type as EventType);
}
