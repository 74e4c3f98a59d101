import type { EventFields, PipelineEvent } from '../../domain/events.ts';
import { overallProgress } from '../../domain/progress.ts';
import { STAGE_NAMES, type StageName } from '../../domain/stages.ts';
import type { VideoLine } from './answers.ts';

/** What the bar of a stage shows; percent is 0 to 100. */
export interface StageShown {
  state: 'waiting' | 'running' | 'done' | 'failed';
  percent: number;
}
export type StagesShown = Record<StageName, StageShown>;

export interface VideoRow extends Omit<VideoLine, 'stages'> {
  stages: StagesShown;
}

const WAITING: StageShown = { state: 'waiting', percent: 0 };

export function noStages(): StagesShown {
  return Object.fromEntries(STAGE_NAMES.map((name) => [name, WAITING])) as StagesShown;
}

function allDone(): StagesShown {
  return Object.fromEntries(
    STAGE_NAMES.map((name) => [name, { state: 'done', percent: 100 }]),
  ) as StagesShown;
}

/** A row from a line of the list, which knows the progress of the whole alone: the running stage gets what is left of it. */
export function rowOf({ stages, ...line }: VideoLine): VideoRow {
  const done = STAGE_NAMES.filter((name) => stages[name] === 'done');
  const running = STAGE_NAMES.filter((name) => stages[name] === 'running');
  // A video of long ago keeps its end and not the results of its stages.
  const shown = line.status === 'completed' ? allDone() : noStages();
  for (const name of done) shown[name] = { state: 'done', percent: 100 };
  const percent = percentOf(line.progress, done, running);
  for (const name of running) shown[name] = { state: 'running', percent };
  if (line.status === 'failed' && line.stage && shown[line.stage].state !== 'done') {
    shown[line.stage] = { state: 'failed', percent: 0 };
  }
  return { ...line, stages: shown };
}

function percentOf(progress: number, done: readonly StageName[], running: readonly StageName[]): number {
  const from = overallProgress(done);
  const to = overallProgress([...done, ...running]);
  return to > from ? Math.min(100, Math.max(0, (100 * (progress - from)) / (to - from))) : 0;
}

/** The row after an event of its video. What no event tells (position, eta) is as old as the last list. */
export function rowAfter(row: VideoRow, event: PipelineEvent): VideoRow {
  switch (event.type) {
    case 'video.queued':
      return { ...row, status: 'queued', position: event.position, reason: null, completed_at: null };
    case 'video.admitted':
      return {
        ...row,
        status: 'processing',
        lane: event.lane,
        position: null,
        waiting_for: null,
        started_at: event.at,
      };
    case 'video.released':
      return { ...row, status: 'queued', lane: null, stages: withoutRunning(row.stages, 'waiting') };
    case 'video.changed':
      return changed(row, event.change);
    case 'cost.charged':
      return { ...row, actual_cost: Math.max(row.actual_cost, event.total) };
    default:
      return afterEnd(afterStage(row, event), event);
  }
}

/** Priority and budget come with the list that such an event asks for. */
function changed(row: VideoRow, change: EventFields['video.changed']['change']): VideoRow {
  if (change === 'paused') return { ...row, paused: true, eta: null };
  return change === 'resumed' ? { ...row, paused: false } : row;
}

function afterStage(row: VideoRow, event: PipelineEvent): VideoRow {
  switch (event.type) {
    case 'stage.started':
      return staged(row, event.stage, { state: 'running', percent: 0 }, event.progress);
    case 'stage.progress':
      return staged(row, event.stage, { state: 'running', percent: event.percent }, event.progress);
    case 'stage.completed':
      return staged(row, event.stage, { state: 'done', percent: 100 }, event.progress);
    case 'stage.failed':
      return staged(
        row,
        event.stage,
        { state: 'failed', percent: row.stages[event.stage].percent },
        row.progress,
      );
    case 'quality.failed':
      return { ...row, stages: withMended(row.stages, event.mend) };
    default:
      return row;
  }
}

function staged(row: VideoRow, stage: StageName, shown: StageShown, progress: number): VideoRow {
  return { ...row, stage, progress, stages: { ...row.stages, [stage]: shown } };
}

function afterEnd(row: VideoRow, event: PipelineEvent): VideoRow {
  if (event.type === 'video.completed') {
    return { ...ended(row, 'completed', event.at, event.cost), progress: 100, stages: allDone() };
  }
  if (event.type === 'video.failed') {
    const row2 = ended(row, 'failed', event.at, event.cost);
    return { ...row2, reason: event.reason, stages: withoutRunning(row.stages, 'failed') };
  }
  if (event.type !== 'video.cancelled') return row;
  const stopped = ended(row, 'cancelled', event.at, event.cost);
  return { ...stopped, reason: event.reason, stages: withoutRunning(row.stages, 'waiting') };
}

function ended(row: VideoRow, status: VideoRow['status'], at: string, cost: number): VideoRow {
  return {
    ...row,
    status,
    completed_at: at,
    actual_cost: cost,
    position: null,
    waiting_for: null,
    eta: null,
  };
}

function withoutRunning(stages: StagesShown, state: StageShown['state']): StagesShown {
  const entries = Object.entries(stages).map(([name, shown]) => [
    name,
    shown.state === 'running' ? { state, percent: shown.percent } : shown,
  ]);
  return Object.fromEntries(entries) as StagesShown;
}

/** A mend makes its stage and what comes after it again. */
function withMended(stages: StagesShown, from: StageName): StagesShown {
  const again = STAGE_NAMES.slice(STAGE_NAMES.indexOf(from));
  return { ...stages, ...Object.fromEntries(again.map((name) => [name, WAITING])) };
}
