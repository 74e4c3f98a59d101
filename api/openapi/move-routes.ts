import type { ProblemCode } from '../errors.ts';
import { changeRequest, moveRequest, publishRequest, retryRequest } from '../routes/moves.ts';
import { pipelineState, video } from './answers.ts';
import type { RouteDoc } from './route-doc.ts';

/** A move of one video: its path, and the video as the answer. */
function move(name: string, summary: string) {
  const answers = { 200: { description: 'The video as it is then', body: video } };
  const path = `/pipeline/videos/:id${name && `/${name}`}`;
  const problems: ProblemCode[] = ['invalid_json', 'invalid_request'];
  return {
    method: 'POST',
    path,
    scope: 'control',
    tag: 'Videos',
    summary,
    body: moveRequest,
    answers,
    problems,
  } as const;
}

/** A move of the whole pipeline. */
function pipelineMove(path: string, summary: string) {
  const answers = { 200: { description: 'What the pipeline is now', body: pipelineState } };
  const problems: ProblemCode[] = ['invalid_json', 'invalid_request'];
  return {
    method: 'POST',
    path,
    scope: 'control',
    tag: 'Pipeline',
    summary,
    body: moveRequest,
    answers,
    problems,
  } as const;
}

/** The routes by which people steer videos and the pipeline, part of the one table. */
export const MOVE_ROUTES = {
  cancel: {
    ...move('cancel', 'Cancel a video'),
    description: 'Durable before Temporal hears of it. A video that has ended stays as it is.',
  },
  pause: {
    ...move('pause', 'Pause a video'),
    description: 'It gives its place back at its next border and is not admitted until it is resumed.',
    problems: ['invalid_json', 'invalid_request', 'video_ended'],
  },
  resume: {
    ...move('resume', 'Resume a paused video'),
    problems: ['invalid_json', 'invalid_request', 'video_ended'],
  },
  retry: {
    ...move('retry', 'Make an ended video again'),
    description: 'From the stage where it failed, or from a named one; finished stages are not paid again.',
    body: retryRequest,
    problems: ['invalid_json', 'invalid_request', 'video_not_ended', 'video_publishing', 'cap_reached'],
  },
  publish: {
    ...move('publish', 'Publish a completed video'),
    scope: 'submit',
    description:
      'Uploads it, private, to the account of its channel, or tries again when that has failed; an upload that was ' +
      'begun goes on where it was. Again while it is on its way is the same.',
    body: publishRequest,
    problems: [
      'invalid_json',
      'invalid_request',
      'video_not_completed',
      'already_published',
      'publication_doubtful',
      'channel_not_connected',
    ],
  },
  change: {
    ...move('', 'Change a video'),
    method: 'PATCH',
    description:
      'A waiting video moves in the queue and keeps its time of waiting. A new cap counts from the next hold or ' +
      'stage on; a video that ended at its cap can be retried once the cap has room for its next stage.',
    body: changeRequest,
    problems: ['invalid_json', 'invalid_request', 'video_ended'],
  },
  delete: {
    ...move('', 'Delete a video and its files'),
    method: 'DELETE',
    description:
      'Only when it has ended: cancel it first. Its order, script, results, files, events and the uploads that no ' +
      'other video names go for good; what it cost stays in the ledger and the move in the audit log. Again is the same.',
    answers: { 204: { description: 'It is gone, or was before' } },
    problems: ['invalid_json', 'invalid_request', 'video_not_ended', 'video_publishing'],
  },
  pauseAll: {
    ...pipelineMove('/pipeline/pause', 'Pause the pipeline'),
    description: 'Running stages finish, nothing new starts; orders are taken and wait.',
  },
  resumeAll: pipelineMove('/pipeline/resume', 'Resume the pipeline'),
  halt: {
    ...pipelineMove('/pipeline/emergency/halt', 'Halt everything'),
    description: 'Pauses the pipeline and cancels every open video.',
  },
} as const satisfies Record<string, RouteDoc>;
