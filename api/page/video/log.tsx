import { type ReadonlySignal, useSignal } from '@preact/signals';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { clock } from '../format.ts';
import type { LogLine } from './log-lines.ts';

/** How near to its end the log still follows it, in pixels. */
const NEAR_END = 24;

/** What happened, newest last. It follows the end while that is in view, and stands still while it is held. */
export function Log({ lines }: { lines: ReadonlySignal<readonly LogLine[]> }) {
  const held = useSignal<readonly LogLine[] | null>(null);
  const box = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  const shown = held.value ?? lines.value;
  useLayoutEffect(() => {
    if (box.current && atEnd.current) box.current.scrollTop = box.current.scrollHeight;
  }, [shown]);
  const missed = held.value ? lines.value.filter((line) => !held.value?.includes(line)).length : 0;
  return (
    <section class="panel" aria-labelledby="log-title">
      <div class="panel-head">
        <h2 id="log-title">Log</h2>
        <button
          type="button"
          class="quiet"
          aria-pressed={held.value !== null}
          onClick={() => {
            held.value = held.value ? null : lines.value;
          }}
        >
          {held.value ? `Go on (${missed} new)` : 'Hold'}
        </button>
      </div>
      <div
        ref={box}
        class="log"
        role="log"
        aria-labelledby="log-title"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard
        tabIndex={0}
        onScroll={({ currentTarget: { scrollTop, scrollHeight, clientHeight } }) => {
          atEnd.current = scrollHeight - scrollTop - clientHeight < NEAR_END;
        }}
      >
        {shown.length === 0 && <p class="soft">Nothing yet, or its events are older than a day.</p>}
        {shown.map(({ id, at, text, tone }) => (
          <p key={id} class={tone}>
            <time dateTime={at}>{clock(at)}</time> {text}
          </p>
        ))}
      </div>
    </section>
  );
}
