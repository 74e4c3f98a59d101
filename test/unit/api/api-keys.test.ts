import { expect, test } from 'vitest';
import { hashKey, newApiKey, parseApiKeys } from '../../../infra/settings/api-keys.ts';
import { readConfig } from '../../../infra/settings/config.ts';

const HASH = hashKey('a key');
const OTHER = hashKey('another key');

test('reads keys with their scopes', () => {
  expect(parseApiKeys('')).toEqual([]);
  expect(parseApiKeys(`page:read:${HASH.toUpperCase()}, ci:submit+read:${OTHER},`)).toEqual([
    { name: 'page', scopes: ['read'], sha256: HASH },
    { name: 'ci', scopes: ['submit', 'read'], sha256: OTHER },
  ]);
});

test('makes a key that its own entry knows, another one each time', () => {
  const { key, entry } = newApiKey('page', 'submit+read');
  expect(key).toMatch(/^yt_[\w-]{43}$/);
  expect(parseApiKeys(entry)).toEqual([{ name: 'page', scopes: ['submit', 'read'], sha256: hashKey(key) }]);
  expect(newApiKey('page', 'read').key).not.toBe(key);
  expect(() => newApiKey('two words', 'read')).toThrow(/name may have/);
  expect(() => newApiKey('page', 'everything')).toThrow(/"everything" is no scope/);
});

test.each([
  ['page', /entry 1: expected name:scopes:sha256/],
  [`page:read:${HASH}:more`, /entry 1: expected name:scopes:sha256/],
  [`page:read:${HASH},Two Words:read:${OTHER}`, /entry 2: the name may have/],
  [`page:read+admin:${HASH}`, /entry 1 \(page\): "admin" is no scope; there are submit, read, control/],
  [`page::${HASH}`, /entry 1 \(page\): "" is no scope/],
  ['page:read:yt_the-key-itself', /entry 1 \(page\): the last part must be the sha256 of the key/],
  [`page:read:${HASH},page:submit:${OTHER}`, /entry 2: its name is in an earlier entry/],
  [`page:read:${HASH},other:submit:${HASH}`, /entry 2: its sha256 is in an earlier entry/],
  [`page:read:${HASH},,other:submit:${OTHER}`, /entry 2: expected/],
])('API_KEYS "%s" stops the start with a clear line', (text, message) => {
  expect(() => parseApiKeys(text)).toThrow(message);
});

test('an error never quotes a key that stands where its hash belongs', () => {
  const { key } = newApiKey('page', 'read');
  const errors = [`page:read:${key}`, `page:${key}`, `page:read:x:${key}`].map((text) => {
    try {
      return String(parseApiKeys(text));
    } catch (error) {
      return (error as Error).message;
    }
  });
  expect(errors.join()).not.toContain(key);
});

test('wrong keys stop every process that reads the configuration', () => {
  const servers = { DATABASE_URL: 'postgres://x', REDIS_URL: 'redis://x', TEMPORAL_ADDRESS: 'x:1' };
  expect(() => readConfig({ ...servers, API_KEYS: 'nonsense' })).toThrow(/API_KEYS, entry 1/);
  expect(readConfig(servers).access).toEqual({ keys: [], ratePerMinute: 600 });
});
