import { createHash } from 'node:crypto';

/**
 * Idempotency-Key of what is ordered: the same content has the same key, however its fields are ordered, so that a
 * command that runs again after a cut orders nothing twice. `nth` parts equal batches of one file.
 */
export function requestKey(content: unknown, nth = 0): string {
  const hash = createHash('sha256').update(JSON.stringify([sorted(content), nth]));
  return `content-${hash.digest('hex')}`;
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== 'object') return value;
  return Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, each]) => [name, sorted(each)]);
}
