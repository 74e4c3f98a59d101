import type { Deps } from '../deps.ts';
import { type StartableVideo, startVideo } from '../temporal/temporal.ts';

/** Starts the workflow of a video that waits. Never throws: where Temporal is away, its admission starts it. */
export async function showWaiting(deps: Deps, queued: StartableVideo): Promise<void> {
  try {
    await deps.tracing.within(queued.trace_parent, () => startVideo(deps.temporal, deps.config, queued));
  } catch (error) {
    deps.log.warn({ err: error, video_id: queued.id }, 'workflow not started, its admission will');
  }
}
