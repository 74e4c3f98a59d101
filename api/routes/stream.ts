import type { Handler } from 'hono';
import { readVideo } from '../../infra/views/video-view.ts';
import type { StreamPlaces } from '../access/stream-places.ts';
import type { ApiDeps } from '../app.ts';
import { openStream } from '../streams/open-stream.ts';
import { pipelineFeed } from '../streams/pipeline-feed.ts';
import { lastEventIdOf } from '../streams/resume.ts';
import { videoFeed } from '../streams/video-feed.ts';
import { absentVideo, videoIdOf } from '../video-id.ts';

/** GET /pipeline/stream/{id}: the row, past events after the client's last, then live ones, until the video ends. */
export function streamRoute(deps: ApiDeps, places: StreamPlaces): Handler {
  return async (context) => {
    const id = videoIdOf(context);
    const view = await readVideo(deps, id);
    if (!view) throw await absentVideo(deps, id);
    return openStream(deps, places, context, videoFeed(deps, view, lastEventIdOf(context)));
  };
}

/**
 * GET /pipeline/stream: what happens to all videos from now on, or after the client's last event while Redis still has
 * it (about 10,000 events). It ends only with its client, or with the API.
 */
export function pipelineStreamRoute(deps: ApiDeps, places: StreamPlaces): Handler {
  return (context) => openStream(deps, places, context, pipelineFeed(deps, lastEventIdOf(context)));
}
