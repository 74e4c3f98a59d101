import { expect, test } from 'vitest';
import { runKeysCommand } from '../../../cli/keys.ts';
import { hashKey, parseApiKeys } from '../../../infra/settings/api-keys.ts';

function run(args: string[]) {
  const printed = { out: '', err: '' };
  const into = (name: 'out' | 'err') => ({
    write(text: string) {
      printed[name] += text;
    },
  });
  return { code: runKeysCommand(args, into('out'), into('err')), ...printed };
}

test('prints a key once, and the entry by which the API knows it', () => {
  const { code, out } = run(['new', '--name', 'page', '--scopes', 'submit+read']);
  expect(code).toBe(0);
  const [key = '', ...more] = out.match(/yt_\S+/g) ?? [];
  expect(more).toEqual([]);
  const entry = /API_KEYS=(\S+)/.exec(out)?.[1] ?? '';
  expect(parseApiKeys(entry)).toEqual([{ name: 'page', scopes: ['submit', 'read'], sha256: hashKey(key) }]);
});

test.each([
  [[], /keys new --name NAME/],
  [['old', '--name', 'a', '--scopes', 'read'], /keys new --name NAME/],
  [['new', '--name', 'a'], /keys new --name NAME/],
  [['new', '--name', 'A', '--scopes', 'read'], /the name may have/],
  [['new', '--name', 'a', '--scopes', 'all'], /"all" is no scope/],
  [['new', '--name', 'a', '--scopes', 'read', '--colour'], /--colour/],
])('%j is bad input and makes no key', (args, message) => {
  const { code, out, err } = run(args);
  expect([code, out]).toEqual([2, '']);
  expect(err).toMatch(message);
});
