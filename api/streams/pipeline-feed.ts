import type { ApiDeps } from '../app.ts';
import type { Feed } from './message.ts';

/** Events of all videos after the given event id, or from now on; it has no end of its own. */
export function pipelineFeed({ events }: ApiDeps, lastId: string | null): Feed {
  const afterId = lastId ?? `${Date.now()}-0`;
  return async (tell, signal) => {
    for await (const event of events.follow(null, afterId, signal)) await tell(event);
  };
}
