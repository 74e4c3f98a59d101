export interface RowsInView {
  first: number;
  /** One after the last. */
  end: number;
}

/** Beyond what is seen, so that a quick scroll or the tab key finds rows there. */
const BESIDE = 6;

/** Which of `count` rows of one height are seen. `top` is where the list begins, from the top of the window. */
export function rowsInView(top: number, windowHeight: number, rowHeight: number, count: number): RowsInView {
  if (rowHeight <= 0) return { first: 0, end: Math.min(count, 2 * BESIDE) };
  const first = Math.floor(-top / rowHeight) - BESIDE;
  const end = Math.ceil((windowHeight - top) / rowHeight) + BESIDE;
  return { first: clamp(first, count), end: clamp(end, count) };
}

function clamp(value: number, most: number): number {
  return Math.min(most, Math.max(0, value));
}
