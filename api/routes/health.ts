import type { Handler } from 'hono';
import { countOpenVideos } from '../../infra/views/open-videos.ts';
import type { StreamPlaces } from '../access/stream-places.ts';
import type { ApiDeps } from '../app.ts';

/**
 * GET /health: 200 as long as the process answers. `open_videos` is null while Postgres is away;
 * with `watchers` it tells the supervisor of the embedded stack whether anybody still needs it.
 */
export function healthRoute(deps: ApiDeps, streams: StreamPlaces): Handler {
  return async (context) => {
    const openVideos = await countOpenVideos(deps.pool).catch(() => null);
    const body = { status: 'ok', open_videos: openVideos, watchers: streams.open };
    return context.json(body, 200, { 'cache-control': 'no-store' });
  };
}
