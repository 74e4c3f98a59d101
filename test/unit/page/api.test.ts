import { beforeEach, expect, test } from 'vitest';
import { keyNeeded, refusalOf, signIns } from '../../../api/page/api.ts';

beforeEach(() => {
  keyNeeded.value = false;
  signIns.value = 3;
});

const refused = (status: number, body: unknown = {}) => new Response(JSON.stringify(body), { status });

test('a 401 asks for a key, and not when one was given since', async () => {
  await refusalOf(refused(401), 2);
  expect(keyNeeded.value).toBe(false);
  await refusalOf(refused(401), 3);
  expect(keyNeeded.value).toBe(true);
});

test('a scope that the key lacks is named', async () => {
  const error = await refusalOf(refused(403, { code: 'scope_missing', scope: 'control', detail: 'x' }), 3);
  expect(error.message).toContain('lacks the scope "control"');
});

test('the faults of an order are told by field', async () => {
  const errors = [{ field: 'priority', message: 'must be a whole number from 1 to 10' }];
  const error = await refusalOf(refused(422, { code: 'invalid_order', detail: 'd', errors }), 3);
  expect([...error.fields]).toEqual([['priority', 'must be a whole number from 1 to 10']]);
});

test('an answer that is no problem of ours, from a proxy for example, is told by its status', async () => {
  const error = await refusalOf(new Response('<html>Bad gateway</html>', { status: 502 }), 3);
  expect(error).toMatchObject({ status: 502, code: 'http_502', message: 'The API answered 502.' });
});
