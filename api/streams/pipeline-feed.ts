import type { ApiDeps } from '../app.ts';
import { watchLiveness } from './liveness.ts';
import type { Feed, StreamMessage } from './message.ts';

/** Events of all videos after the given event id, or from now on; it has no end of its own. */
export function pipelineFeed(deps: ApiDeps, lastId: string | null): Feed {
  const afterId = lastId ?? `${Date.now()}-0`;
  return async (tell, signal) => {
    const stop = new AbortController();
    const either = AbortSignal.any([signal, stop.signal]);
    const follow = async () => {
      for await (const event of deps.events.follow(null, afterId, either)) await tell(event);
    };
    try {
      await Promise.race([follow(), watchRedis(deps, tell, either)]);
    } finally {
      stop.abort();
    }
  };
}

async function watchRedis(
  deps: ApiDeps,
  tell: (message: StreamMessage) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const liveness = watchLiveness(deps, tell);
  while (!signal.aborted) {
    await liveness.check();
    await liveness.untilNextLook(signal);
  }
}
