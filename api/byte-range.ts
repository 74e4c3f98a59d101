/** Both ends count, as in the header. */
export interface ByteRange {
  first: number;
  last: number;
}

interface RangeHeaders {
  range: string | undefined;
  ifRange: string | undefined;
  /** Of the file as it is now, with its quotes. */
  etag: string;
}

/**
 * The part of a file of `bytes` bytes that a request asks for. null = send all of it: no Range, several
 * ranges, a malformed one, or an If-Range that names another file.
 */
export function rangeOf({ range, ifRange, etag }: RangeHeaders, bytes: number) {
  const match = /^bytes=(\d*)-(\d*)$/.exec(range?.trim() ?? '');
  if (!match || (ifRange !== undefined && ifRange !== etag)) return null;
  const [, from = '', to = ''] = match;
  if (from === '' && to === '') return null;
  const first = from === '' ? Math.max(0, bytes - Number(to)) : Number(from);
  const last = from === '' || to === '' ? bytes - 1 : Math.min(Number(to), bytes - 1);
  if (from !== '' && to !== '' && Number(to) < first) return null;
  return first < bytes && first <= last ? ({ first, last } satisfies ByteRange) : 'unsatisfiable';
}
