import { ERROR_KINDS, type ErrorKind, type KindSpec } from './errors.ts';
import { MENDS } from './mends.ts';
import { signOf } from './provider-gate.ts';

/** Rows of docs/failures.md: kind, severity, what it means, what happens, what the operator does. */
export function failureCatalogue(): string[][] {
  const kinds = Object.entries(ERROR_KINDS) as [ErrorKind, KindSpec][];
  return kinds.map(([kind, spec]) => [kind, spec.severity, spec.means, happens(kind, spec), MENDS[kind]]);
}

function happens(kind: ErrorKind, spec: KindSpec): string {
  const sign = signOf(kind);
  if (sign === 'account')
    return 'the service is closed until it is resumed, and the videos that need it wait';
  if (sign === 'exhausted') {
    return 'the service is closed until it says that more is allowed, else for 15 min, and the videos that need it wait';
  }
  return sign === 'outage' ? `${ends(kind, spec)}; five in a row close the service` : ends(kind, spec);
}

function ends(kind: ErrorKind, { retry, backoffMs }: KindSpec): string {
  const seconds = [1, 2].map((n) => backoffMs(n) / 1000);
  switch (retry) {
    case 'counts':
      return `tried again after ${[...new Set(seconds)].join(' s, then ')} s`;
    case 'free':
      return `tried again every ${seconds[0]} s, which counts as no try; an alert after 60 s, the place is given back after 15 min`;
    case 'releases':
      return kind === 'gpu_lost'
        ? 'the place is given back; the video goes on when the card encodes again, a premium one on a cpu lane at once'
        : 'the place is given back; the video goes on when the service is open';
    case 'never':
      if (kind === 'gpu_out_of_memory') return 'a premium video goes to a cpu lane, another fails at once';
      return kind === 'cost_limit' ? 'the video cancels itself' : 'the video fails at once';
  }
}
