import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { runWebhookCommand } from '../../../cli/webhook.ts';
import type { Env } from '../../../infra/settings/env.ts';
import { startWebhookReceiver, type WebhookReceiver } from '../../support/fakes/webhook-receiver.ts';
import { documentedVerify, WEBHOOK_SECRET } from '../../support/webhooks.ts';

let receiver: WebhookReceiver;
beforeAll(async () => {
  receiver = await startWebhookReceiver();
});
afterAll(() => receiver.close());
afterEach(() => receiver.forget());

async function run(args: string[], env: Env = {}) {
  let text = '';
  const output = { write: (more: string) => (text += more) };
  const own = { WEBHOOK_SECRET, WEBHOOK_HOSTS: receiver.host, ...env };
  return { code: await runWebhookCommand(args, own, output, output), text };
}

test('webhook test posts a signed message, to the URL or to ALERT_WEBHOOK', async () => {
  expect(await run(['test', '--url', `${receiver.url}/mine`])).toMatchObject({ code: 0 });
  expect(await run(['test'], { ALERT_WEBHOOK: `${receiver.url}/alerts` })).toMatchObject({ code: 0 });
  expect(receiver.deliveries.map(({ path }) => path)).toEqual(['/mine', '/alerts']);
  const verify = await documentedVerify();
  for (const { headers, body } of receiver.deliveries) {
    expect(verify(WEBHOOK_SECRET, headers, body)).toBe(true);
    expect(JSON.parse(body)).toMatchObject({ type: 'webhook.test' });
  }
});

test('webhook test says why a message was not taken, and what is missing', async () => {
  receiver.script({ status: 401 });
  expect(await run(['test', '--url', receiver.url])).toEqual({
    code: 1,
    text: 'The message was not taken: 127.0.0.1 answered with status 401\n',
  });
  expect(await run(['test', '--url', 'https://10.0.0.1/'])).toMatchObject({
    code: 1,
    text: expect.stringContaining('10.0.0.1 is no host of the internet'),
  });
  const unsigned = await run(['test', '--url', receiver.url], { WEBHOOK_SECRET: undefined });
  expect(unsigned).toMatchObject({ code: 2, text: expect.stringContaining('set WEBHOOK_SECRET') });
  expect(await run(['test'])).toMatchObject({
    code: 2,
    text: expect.stringContaining('webhook test [--url'),
  });
});
