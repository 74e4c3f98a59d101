import type { VideoLine } from '../../../api/page/answers.ts';
import type { Video } from '../../../api/page/video/video-answers.ts';
import type { EventFields, EventType, PipelineEvent } from '../../../domain/events.ts';

export const VIDEO_ID = '6f1c2f0a-6f6e-4c3f-9a61-0d6c6a5b7f11';

/** A waiting video as the list shows it. */
export function aLine(changed: Partial<VideoLine>): VideoLine {
  return {
    video_id: VIDEO_ID,
    status: 'queued',
    reason: null,
    subject: 'How the deep sea was mapped',
    channel_id: 'deep-blue',
    user_id: 'tester',
    priority: 5,
    complexity: 'simple',
    lane: null,
    stage: null,
    progress: 0,
    stages: {},
    paused: false,
    position: 1,
    waiting_for: 'place',
    eta: '2026-05-01T12:00:00.000Z',
    estimated_cost: 2,
    actual_cost: 0,
    max_cost: 3,
    created_at: '2026-05-01T11:00:00.000Z',
    started_at: null,
    completed_at: null,
    ...changed,
  };
}

export function anEvent<T extends EventType>(
  type: T,
  fields: EventFields[T],
  videoId = VIDEO_ID,
): PipelineEvent {
  return {
    id: '1-0',
    type,
    video_id: videoId,
    at: '2026-05-01T11:30:00.000Z',
    ...fields,
  } as unknown as PipelineEvent;
}

/** A waiting video as its status shows it. */
export function aVideo(changed: Partial<Video> = {}): Video {
  const { estimated_cost: _, stages: __, ...line } = aLine({});
  return {
    ...line,
    ...{ cancelling: false, message: null, processing_time: null, retry_count: 0, finished_stages: [] },
    ...{
      attempts: [],
      errors: [],
      warnings: [],
      artifacts: {},
      artifacts_expired_at: null,
      publication: null,
    },
    links: { status: '', temporal: null },
    ...changed,
  };
}
