import { ERROR_KINDS, StageError } from '../../domain/errors.ts';
import type { Deps } from '../../infra/deps.ts';
import type { Caller } from './gated.ts';

/** Somebody who can do the work, by the name that the status shows. */
export interface Maker<T> {
  readonly name: string;
  make(): Promise<T>;
}

const USED_UP = 'has used up its tries';

/**
 * Lets `first` do the work, and `next`, where there is one, when the first is closed or has used up its tries. That
 * is never silent: the video gets a warning and its watchers an event. Answers the work and who did it.
 */
export async function withFallback<T>(
  deps: Pick<Deps, 'events'>,
  caller: Caller,
  first: Maker<T>,
  next: Maker<T> | null,
): Promise<{ made: T; by: string }> {
  if (!next) return { made: await first.make(), by: first.name };
  const because = caller.triesLeft <= 0 ? USED_UP : await tried(first, caller);
  if (typeof because !== 'string') return because;
  const reason = `${first.name} ${because}`;
  const { videoId: video_id, stage } = caller;
  caller.warn('provider_fallback', `${reason}: ${next.name} was used`);
  await deps.events.publish({
    ...{ type: 'provider.fallback', video_id, stage },
    ...{ provider: first.name, used: next.name, reason },
  });
  return { made: await next.make(), by: next.name };
}

/** The first one's work, or why the next one has to do it. */
async function tried<T>(first: Maker<T>, caller: Caller): Promise<{ made: T; by: string } | string> {
  try {
    return { made: await first.make(), by: first.name };
  } catch (thrown) {
    const why = caller.signal.aborted ? null : whyNext(thrown, caller);
    if (why === null) throw thrown;
    return why;
  }
}

function whyNext(thrown: unknown, { triesLeft }: Caller): string | null {
  if (!(thrown instanceof StageError)) return null;
  if (thrown.closed) return `is closed (${thrown.message})`;
  const counts = ERROR_KINDS[thrown.kind].retry === 'counts';
  return counts && triesLeft <= 1 ? `${USED_UP} (${thrown.message})` : null;
}
