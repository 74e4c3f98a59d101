import { clock } from './format.ts';
import type { StreamState } from './stream.ts';

/** Says whether what is seen is current, in words and for screen readers too. */
export function LiveState({ state }: { state: StreamState }) {
  return (
    <output class="live" data-state={state.kind} aria-live="polite">
      {wordsFor(state)}
    </output>
  );
}

export function wordsFor(state: StreamState): string {
  switch (state.kind) {
    case 'live':
      return 'Live';
    case 'connecting':
      return 'Connecting';
    case 'ended':
      return 'Ended';
    case 'late':
      return `Out of date since ${clock(state.since)}: no events, Redis is away`;
    case 'lost':
      return `Out of date since ${clock(state.since)}: reconnecting`;
    case 'refused':
      return `Out of date since ${clock(state.since)}: the stream is refused`;
  }
}
