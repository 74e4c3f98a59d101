import { createHash, timingSafeEqual } from 'node:crypto';
import type { ApiKey } from '../../infra/settings/api-keys.ts';

type Equal = (left: Buffer, right: Buffer) => boolean;

/**
 * The key whose hash is that of `presented`, or null. Digests of equal length are compared in constant time,
 * always with every key, so that the time tells neither how near a guess is nor which key it was.
 */
export function findKey(
  keys: readonly ApiKey[],
  presented: string,
  equal: Equal = timingSafeEqual,
): ApiKey | null {
  const digest = createHash('sha256').update(presented).digest();
  let found: ApiKey | null = null;
  for (const key of keys) if (equal(Buffer.from(key.sha256, 'hex'), digest)) found = key;
  return found;
}
