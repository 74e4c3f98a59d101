import { STAGE_NAMES, type StageName } from '../../../domain/stages.ts';
import { isFinal } from '../../../domain/video.ts';
import type { Attempt, Failure, Video } from './video-answers.ts';

/** What the newest event told of a stage that runs. */
export interface Running {
  percent: number;
  note: string;
}

export interface StageRow {
  stage: StageName;
  state: 'waiting' | 'running' | 'done' | 'failed' | 'stopped' | 'gone';
  /** 0 to 100. */
  percent: number;
  note: string;
  attempts: readonly Attempt[];
  failures: readonly Failure[];
  /** Problems that the video survived. */
  warnings: readonly string[];
  /** When the newest attempt began; null before the first. */
  startedAt: string | null;
  /** How long the attempt that made the result took; null until there is one. */
  tookMs: number | null;
}

/** The six stages of a video, from its row and what events told of those that run. */
export function stageRows(video: Video, running: ReadonlyMap<string, Running>): StageRow[] {
  return STAGE_NAMES.map((stage) => {
    const attempts = video.attempts.filter((attempt) => attempt.stage === stage);
    const state = stateOf(video, stage, attempts.at(-1));
    const told = state === 'running' ? running.get(stage) : undefined;
    const made = attempts.findLast(({ outcome }) => outcome === 'completed');
    return {
      stage,
      state,
      percent: state === 'done' ? 100 : (told?.percent ?? 0),
      note: told?.note ?? '',
      attempts,
      failures: video.errors.filter((entry) => entry.stage === stage),
      warnings: [
        ...new Set(video.warnings.filter((entry) => entry.stage === stage).map(({ message }) => message)),
      ],
      startedAt: attempts.at(-1)?.started_at ?? null,
      tookMs:
        state === 'done' && made?.ended_at ? Date.parse(made.ended_at) - Date.parse(made.started_at) : null,
    };
  });
}

/** A result that is there counts more than how the attempts went: a retry may have dropped it. */
function stateOf(video: Video, stage: StageName, last: Attempt | undefined): StageRow['state'] {
  if (video.finished_stages.includes(stage)) return 'done';
  if (video.status === 'processing' && last && last.outcome === null) return 'running';
  if (!isFinal(video.status))
    return last?.outcome === 'failed' && video.status === 'processing' ? 'failed' : 'waiting';
  // A video that was in production has attempts until they are too old to be kept.
  const isForgotten = video.started_at !== null && video.attempts.length === 0;
  if (video.stage === stage && (isForgotten || (last && !isMade(last))))
    return video.status === 'failed' ? 'failed' : 'stopped';
  return isForgotten || (last && isMade(last)) ? 'gone' : 'waiting';
}

function isMade({ outcome }: Attempt): boolean {
  return outcome === 'completed' || outcome === 'reused';
}
