import { isFinal } from '../../../domain/video.ts';
import { call } from '../api.ts';
import type { Video } from './video-answers.ts';

export type MoveName = 'cancel' | 'pause' | 'resume' | 'retry' | 'priority' | 'budget' | 'publish' | 'delete';

export interface Move {
  label: string;
  /** The label while it is under way. */
  doing: string;
  /** What is said once the API has taken it. */
  done: string;
  danger?: boolean;
  /** Field of the request whose message belongs to it. */
  field?: string;
  /** Answers null when the video is no more. */
  send(id: string, value: string): Promise<Video | null>;
}

const post = (id: string, move: string, body: object = {}) =>
  call<Video>(`/pipeline/videos/${id}/${move}`, { method: 'POST', body });
const change = (id: string, body: object) => call<Video>(`/pipeline/videos/${id}`, { method: 'PATCH', body });

/** What an operator can do with one video. */
export const MOVES: Record<MoveName, Move> = {
  cancel: {
    label: 'Cancel',
    doing: 'Cancelling',
    done: 'The end was asked for; what is finished is kept for a retry.',
    danger: true,
    send: (id) => post(id, 'cancel'),
  },
  pause: {
    label: 'Pause',
    doing: 'Pausing',
    done: 'It pauses: a stage that runs is finished first.',
    send: (id) => post(id, 'pause'),
  },
  resume: {
    label: 'Resume',
    doing: 'Resuming',
    done: 'It goes on as soon as it has a place.',
    send: (id) => post(id, 'resume'),
  },
  retry: {
    label: 'Make again',
    doing: 'Asking',
    done: 'It is made again.',
    field: 'from_stage',
    send: (id, stage) => post(id, 'retry', stage ? { from_stage: stage } : {}),
  },
  priority: {
    label: 'Set priority',
    doing: 'Setting',
    done: 'The priority is set.',
    field: 'priority',
    send: (id, priority) => change(id, { priority: Number(priority) }),
  },
  budget: {
    label: 'Set budget',
    doing: 'Setting',
    done: 'The budget is set.',
    field: 'max_cost',
    send: (id, dollars) => change(id, { max_cost: dollars.trim().replace(/^\$/, '') }),
  },
  publish: {
    label: 'Publish',
    doing: 'Asking',
    done: 'It goes to YouTube.',
    send: (id) => post(id, 'publish'),
  },
  delete: {
    label: 'Delete…',
    doing: 'Deleting',
    done: '',
    danger: true,
    send: (id) => call<null>(`/pipeline/videos/${id}`, { method: 'DELETE' }),
  },
};

/** Why a move does not apply to the video as it is; null when it does. */
export function whyNot(name: MoveName, video: Video): string | null {
  const ended = isFinal(video.status);
  switch (name) {
    case 'retry':
      return ended ? null : 'Only a video that has ended is made again.';
    case 'budget':
      return null;
    case 'cancel':
      if (ended) return 'It has ended.';
      return video.cancelling ? 'Its end is on the way.' : null;
    case 'pause':
      if (ended) return 'It has ended.';
      return video.paused ? 'It is paused.' : null;
    case 'resume':
      if (ended) return 'It has ended.';
      return video.paused ? null : 'It is not paused.';
    case 'priority':
      return ended ? 'It has ended.' : null;
    case 'publish':
      return whyNotPublished(video);
    case 'delete':
      return ended ? null : 'Only a video that has ended is deleted.';
  }
}

/** What the page knows; the API says the rest when it is asked. */
function whyNotPublished({ status, publication, artifacts_expired_at }: Video): string | null {
  if (status !== 'completed') return 'Only a completed video is published.';
  const state = publication?.state;
  if (state === 'published') return 'It is at YouTube.';
  if (state === 'waiting' || state === 'uploading') return 'It is on its way.';
  return artifacts_expired_at ? 'Its files were removed.' : null;
}
