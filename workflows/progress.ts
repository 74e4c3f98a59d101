import {
  defineQuery,
  setCurrentDetails,
  setHandler,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import { SEARCH_ATTRIBUTES, STATUS_QUERY, type WorkflowStatus } from '../domain/contract.ts';
import { formatDollars, toDollars } from '../domain/money.ts';
import { STAGE_NAMES, type StageName } from '../domain/stages.ts';
import type { VideoState } from './video-state.ts';

type AttributeName = keyof typeof SEARCH_ATTRIBUTES;

/** Registers the `status` query. */
export function showStatus(video: VideoState): void {
  setHandler(defineQuery<WorkflowStatus>(STATUS_QUERY), () => statusOf(video), {
    description: 'Where the video is: phase, lane, stages that run, stages that are done, reason.',
  });
}

/**
 * Brings search attributes and the Web UI's details up to date. Called at borders only (claim, before
 * stages, before settling), since every call is an event of the history.
 */
export function showBorder(video: VideoState): void {
  const ending = video.final;
  upsert({
    VideoStatus: ending?.status ?? (video.lane ? 'processing' : 'queued'),
    SpendUsd: toDollars(video.spend.total),
    ...(video.lane && { Lane: video.lane }),
    ...(video.priority !== null && { Priority: video.priority }),
    ...(video.running.length > 0 && { Stage: video.running.join('+') }),
    ...(ending?.reason && { Reason: ending.reason }),
  });
  setCurrentDetails(detailsOf(video));
}

function statusOf(video: VideoState): WorkflowStatus {
  return {
    phase: video.final?.status ?? (video.lane ? 'processing' : 'queued'),
    lane: video.lane,
    stages: video.running,
    done: video.done,
    paused: video.control.paused || video.control.video_paused,
    reason: video.final?.reason ?? null,
  };
}

function upsert(values: Partial<Record<AttributeName, string | number>>): void {
  upsertSearchAttributes(
    Object.entries(values).map(([name, value]) => ({
      key: { name, type: SEARCH_ATTRIBUTES[name as AttributeName] },
      value,
    })) as Parameters<typeof upsertSearchAttributes>[0],
  );
}

function detailsOf(video: VideoState): string {
  const { phase, reason } = statusOf(video);
  const cap = video.cap === null ? '' : ` of ${formatDollars(video.cap)}`;
  return [
    `**${phase}${reason ? `: ${reason}` : ''}** on lane ${video.lane ?? 'none yet'}`,
    `spent ${formatDollars(video.spend.total)}${cap}`,
    ...(video.final?.message ? [video.final.message] : []),
    '',
    ...STAGE_NAMES.map((name) => `- ${name}: ${stateOf(video, name)}`),
    '',
    `run ${workflowInfo().runId}`,
  ].join('\n');
}

function stateOf(video: VideoState, name: StageName): string {
  if (video.done.includes(name)) return 'done';
  return video.running.includes(name) ? '**running**' : 'waiting';
}
