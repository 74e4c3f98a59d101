import { answerWithin } from '../answer-within.ts';
import type { Deps } from '../deps.ts';

const FRESH_FOR_MS = 1_000;
/** No scrape waits longer for a server that is away. */
const ANSWER_MS = 2_000;

/** Something that shows its present values when it is asked. */
export type Source = () => Promise<void>;

/**
 * The text of a scrape. However many ask, each source is asked once a second at most; one that fails or does not answer
 * in time leaves the others their say.
 */
export function createScrape({ metrics, log }: Deps, sources: readonly Source[]): () => Promise<string> {
  let last: { atMs: number; text: Promise<string> } | null = null;
  const read = async () => {
    const asked = await Promise.allSettled(sources.map((source) => answerWithin(ANSWER_MS, source)));
    for (const one of asked) {
      if (one.status === 'rejected') log.debug({ err: one.reason }, 'a part of the metrics is not known now');
    }
    return metrics.text();
  };
  return () => {
    if (last === null || performance.now() - last.atMs >= FRESH_FOR_MS) {
      last = { atMs: performance.now(), text: read() };
    }
    return last.text;
  };
}

/** What every process knows of the servers beside it. */
export function showProcess({ artifacts, events, metrics }: Deps): Source[] {
  return [
    async () => {
      metrics.show('ytempire_events_dropped_total', [[{}, events.dropped()]]);
      metrics.show('ytempire_redis_up', [[{}, (await events.isLive()) ? 1 : 0]]);
    },
    async () => metrics.show('ytempire_artifacts_free_bytes', [[{}, await artifacts.freeBytes()]]),
  ];
}
