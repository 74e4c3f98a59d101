import { Context } from '@temporalio/activity';
import type { PublishActivities, PublishInput } from '../../domain/publishing.ts';
import { HEARTBEAT_EVERY_MS } from '../../domain/stages.ts';
import type { Deps } from '../../infra/deps.ts';
import { endPublication } from '../../infra/publish/publications.ts';
import { addCaptions, setThumbnail } from './extras.ts';
import { publishFailure } from './failure.ts';
import { uploadVideo } from './upload-video.ts';

/** What a publication's work sees of its attempt. */
export interface PublishContext {
  deps: Deps;
  videoId: string;
  /** Aborts on cancel and worker shutdown. */
  signal: AbortSignal;
  /** 1 is the first. */
  attempt: number;
}

/** The activities of the workflow `publishVideo`; each keeps its heart beating. */
export function createPublishActivities(deps: Deps): PublishActivities {
  return {
    uploadVideo: (input) => beating(deps, input, uploadVideo),
    setThumbnail: (input) => beating(deps, input, setThumbnail),
    addCaptions: (input) => beating(deps, input, addCaptions),
    endPublication: (end) => beating(deps, end, () => endPublication(deps.pool, end)),
  };
}

async function beating<T>(
  deps: Deps,
  { video_id: videoId }: PublishInput,
  work: (context: PublishContext) => Promise<T>,
): Promise<T> {
  const { info, cancellationSignal: signal, heartbeat } = Context.current();
  const heart = setInterval(() => heartbeat(), HEARTBEAT_EVERY_MS);
  const context = { deps, videoId, signal, attempt: info.attempt };
  try {
    return await work(context);
  } catch (thrown) {
    throw signal.aborted ? signal.reason : await publishFailure(context, thrown);
  } finally {
    clearInterval(heart);
  }
}
