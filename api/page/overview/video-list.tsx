import { useSignal } from '@preact/signals';
import { useLayoutEffect, useRef } from 'preact/hooks';
import type { VideoRow } from '../video-row.ts';
import { rowsInView } from './rows-in-view.ts';
import { VideoItem } from './video-item.tsx';

/** Rows of one height, of which only those in view are in the document, however many there are. */
export function VideoList({ rows }: { rows: readonly VideoRow[] }) {
  const list = useRef<HTMLUListElement>(null);
  const view = useSignal({ first: 0, end: 12 });
  const rowHeight = useSignal(0);
  const count = rows.length;
  useLayoutEffect(() => {
    const look = () => {
      const element = list.current;
      if (!element) return;
      rowHeight.value = Number.parseFloat(getComputedStyle(element).getPropertyValue('--row'));
      const seen = rowsInView(element.getBoundingClientRect().top, innerHeight, rowHeight.value, count);
      const { first, end } = view.peek();
      if (seen.first !== first || seen.end !== end) view.value = seen;
    };
    look();
    addEventListener('scroll', look, { passive: true });
    addEventListener('resize', look);
    return () => {
      removeEventListener('scroll', look);
      removeEventListener('resize', look);
    };
  });
  const { first, end } = view.value;
  return (
    <ul ref={list} class="videos" aria-label="Videos" style={{ height: `${count * rowHeight.value}px` }}>
      {rows.slice(first, end).map((row, index) => (
        <li
          key={row.video_id}
          aria-setsize={count}
          aria-posinset={first + index + 1}
          style={{ transform: `translateY(${(first + index) * rowHeight.value}px)` }}
        >
          <VideoItem id={row.video_id} />
        </li>
      ))}
    </ul>
  );
}
