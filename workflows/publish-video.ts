import {
  ActivityFailure,
  CancellationScope,
  condition,
  defineSignal,
  isCancellation,
  proxyActivities,
  setHandler,
  TemporalFailure,
} from '@temporalio/workflow';
import {
  LOOK_AGAIN,
  type PublishActivities,
  type PublishEnd,
  type PublishInput,
  type PublishOutcome,
} from '../domain/publishing.ts';
import { publishOptions } from './stage-options.ts';

/**
 * A finished video's way to YouTube: waits for allowance, uploads, then adds thumbnail and captions where it is left.
 * Ends Completed, Failed or Canceled as its row in `publications` does.
 */
export async function publishVideo(input: PublishInput): Promise<PublishOutcome> {
  const { uploadVideo, setThumbnail, addCaptions, endPublication } = proxyActivities<PublishActivities>(
    publishOptions('upload'),
  );
  const wake = watchWakes();
  try {
    for (;;) {
      const answer = await uploadVideo(input);
      if ('wait_ms' in answer) {
        await wake(answer.wait_ms);
        continue;
      }
      await setThumbnail(input);
      await addCaptions(input);
      return { state: 'published', youtube_id: answer.youtube_id };
    }
  } catch (error) {
    // A fault of the workflow's own code is mended by a deploy.
    if (!(error instanceof TemporalFailure)) throw error;
    await CancellationScope.nonCancellable(() => endPublication(endOf(input, error)));
    throw error;
  }
}

/** The wait of the given length, which the signal cuts short. */
function watchWakes(): (ms: number) => Promise<void> {
  let woken = false;
  setHandler(
    defineSignal(LOOK_AGAIN),
    () => {
      woken = true;
    },
    { description: 'Tries the upload again now, instead of at the next midnight of YouTube.' },
  );
  return async (ms) => {
    await condition(() => woken, ms);
    woken = false;
  };
}

function endOf(input: PublishInput, error: TemporalFailure): PublishEnd {
  if (isCancellation(error)) {
    return { ...input, state: 'cancelled', reason: 'operator_cancel', message: 'Cancelled by the operator' };
  }
  const cause = error instanceof ActivityFailure ? error.cause : error;
  const reason = cause && 'type' in cause && typeof cause.type === 'string' ? cause.type : 'bug';
  return { ...input, state: 'failed', reason, message: cause?.message ?? error.message };
}
