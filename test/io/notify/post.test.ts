import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type PostRules, postWebhook, WebhookFailed } from '../../../activities/notify/post.ts';
import { createAuthority } from '../../support/certificates.ts';
import {
  type ReceiverAnswer,
  startWebhookReceiver,
  type WebhookReceiver,
} from '../../support/fakes/webhook-receiver.ts';
import { documentedVerify, WEBHOOK_SECRET } from '../../support/webhooks.ts';

const authority = createAuthority('Test authority');
const message = {
  id: 'event-1',
  body: JSON.stringify({ type: 'video.completed', data: { title: 'Tiefsee 🐙' } }),
};

let receiver: WebhookReceiver;
beforeAll(async () => {
  receiver = await startWebhookReceiver(authority.issue('localhost'), 'localhost');
});
afterAll(() => receiver.close());
afterEach(() => receiver.forget());

function post(url: string, more: Partial<PostRules> = {}): Promise<void> {
  const signal = new AbortController().signal;
  const own = { hosts: [receiver.host], ca: authority.cert, timeoutMs: 30_000, signal };
  return postWebhook(url, message, { secret: WEBHOOK_SECRET, ...own, ...more });
}

test('a message arrives over TLS, its signature verified as docs/webhooks.md shows', async () => {
  await post(`${receiver.url}/hook?token=1`);
  const [delivery] = receiver.deliveries;
  expect(delivery).toMatchObject({ path: '/hook?token=1', body: message.body, serverName: 'localhost' });
  expect(delivery?.headers).toMatchObject({
    host: receiver.host,
    'content-type': 'application/json',
    'webhook-id': 'event-1',
  });
  const verify = await documentedVerify();
  const { headers = {}, body = '' } = delivery ?? {};
  expect(verify(WEBHOOK_SECRET, headers, body)).toBe(true);
  expect(verify(WEBHOOK_SECRET, headers, body.replace('🐙', ''))).toBe(false);
  expect(verify(WEBHOOK_SECRET, { ...headers, 'webhook-id': 'event-2' }, body)).toBe(false);
  const stale = String(Number(headers['webhook-timestamp']) - 301);
  expect(verify(WEBHOOK_SECRET, { ...headers, 'webhook-timestamp': stale }, body)).toBe(false);
  expect(verify(`whsec_${'B'.repeat(32)}`, headers, body)).toBe(false);
});

test.each<[string, ReceiverAnswer, RegExp]>([
  ['an error', { status: 500 }, /localhost answered with status 500$/],
  ['a refusal', { status: 410 }, /status 410$/],
  ['a redirect', { status: 302, headers: { location: '/elsewhere' } }, /302, and redirects are not followed/],
  ['a broken connection', 'lost', /localhost could not be reached/],
  ['no answer', 'hang', /localhost gave no answer within 2 s/],
  ['headers without end', { status: 200, headers: { long: 'x'.repeat(20_000) } }, /could not be reached/],
])('%s is a failed try, which names no path and may be made again', async (_, answer, said) => {
  receiver.script(answer);
  const limits = answer === 'hang' ? { timeoutMs: 2_000 } : {};
  const failure = await post(`${receiver.url}/hook?token=secret`, limits).catch((error) => error);
  expect(failure).toBeInstanceOf(WebhookFailed);
  expect(failure.message).toMatch(said);
  expect(failure.message).not.toMatch(/hook|secret/);
  expect(failure.final).toBe(false);
  expect(receiver.deliveries).toHaveLength(1);
});

test('a body without end, or one that stalls, is not read to its end: the status counts', async () => {
  receiver.script('giant', 'drip');
  await post(receiver.url);
  expect(receiver.written()).toBeLessThan(64 * 1024 ** 2);
  await post(receiver.url, { timeoutMs: 2_000 });
});

test('a certificate of another name, and one of an unknown authority, gets nothing', async () => {
  const other = await startWebhookReceiver(authority.issue('other.example'), 'localhost');
  await expect(post(other.url, { hosts: [other.host] })).rejects.toThrow(/does not match certificate/);
  await expect(post(receiver.url, { ca: createAuthority('Another').cert })).rejects.toThrow(
    /reached: .*cert/,
  );
  expect([...other.deliveries, ...receiver.deliveries]).toEqual([]);
  await other.close();
});

test('a receiver that is not there is a failed try', async () => {
  const gone = await startWebhookReceiver();
  await gone.close();
  await expect(post(gone.url, { hosts: [gone.host] })).rejects.toThrow(/ECONNREFUSED/);
});

test('a stopping worker breaks a try off with its own reason', async () => {
  receiver.script('hang');
  const stop = new AbortController();
  const posting = post(receiver.url, { signal: stop.signal });
  const seen = expect(posting).rejects.toThrow('the worker stops');
  await expect.poll(() => receiver.deliveries.length).toBe(1);
  stop.abort(new Error('the worker stops'));
  await seen;
});

describe('a name that the operator has not allowed', () => {
  let connections = 0;
  const server = createServer(() => {
    connections += 1;
  });
  beforeAll(async () => {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  afterAll(() => server.close());

  function named(...answers: string[][]) {
    const { port } = server.address() as AddressInfo;
    let asked = 0;
    const resolve = async () => {
      asked += 1;
      return (answers[asked - 1] ?? []).map((address) => ({
        address,
        family: address.includes(':') ? 6 : 4,
      }));
    };
    const posting = post(`https://hooks.example:${port}/`, { resolve, timeoutMs: 2_000 });
    return posting.then(() => null).catch((error: WebhookFailed) => ({ error, asked }));
  }

  test.each([
    ['this machine', ['127.0.0.1']],
    ['this machine by IPv6', ['::1']],
    ['this machine by a mapped address', ['::ffff:127.0.0.1']],
    ['this machine beside a public address', ['93.184.215.14', '127.0.0.1']],
    ['the metadata of a cloud', ['169.254.169.254']],
    ['a private network behind NAT64', ['64:ff9b::a00:1']],
    ['the network of a provider', ['100.64.0.1']],
    ['nothing', []],
  ])('is refused for good when it leads to %s, before a connection is made', async (_, addresses) => {
    const failed = await named(addresses);
    expect(failed?.error.message).toMatch(/hooks.example leads to no public address/);
    expect(failed?.error.final).toBe(true);
    expect(connections).toBe(0);
  });

  test('is looked up once for a connection, so that it cannot lead elsewhere after the check', async () => {
    const failed = await named(['93.184.215.14'], ['127.0.0.1'], ['127.0.0.1']);
    expect(failed?.asked).toBe(1);
    expect(connections).toBe(0);
  });
});

test.each(['https://127.0.0.1/', 'http://example.com/', 'https://[::ffff:10.0.0.1]/', 'ftp://example.com/'])(
  '%s, which no order gets past its check, is not called either',
  async (url) => {
    await expect(post(url)).rejects.toMatchObject({
      final: true,
      message: expect.stringMatching(/^its address /),
    });
  },
);
