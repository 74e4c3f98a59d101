import type { Handler } from 'hono';
import { readVideo } from '../../infra/views/video-view.ts';
import type { ApiDeps } from '../app.ts';
import { linksOf } from '../links.ts';
import { absentVideo, videoIdOf } from '../video-id.ts';

/** GET /pipeline/status/{id}: the video's row in Postgres as JSON. */
export function statusRoute(deps: ApiDeps): Handler {
  return async (context) => {
    const id = videoIdOf(context);
    const video = await readVideo(deps, id);
    if (!video) throw await absentVideo(deps, id);
    return context.json({ ...video, links: linksOf(deps.config, id) }, 200, { 'cache-control': 'no-store' });
  };
}
