import { randomUUID } from 'node:crypto';
import { parseArgs } from 'node:util';
import { postWebhook, WebhookFailed } from '../activities/notify/post.ts';
import type { Env } from '../infra/settings/env.ts';
import { HOW_TO_SIGN, webhooksConfig } from '../infra/settings/webhooks-config.ts';

const USAGE = `Posts a signed message of type webhook.test, once, as webhooks are posted.

  npm run ytempire -- webhook test [--url URL]    to URL; without it to ALERT_WEBHOOK

Exit code: 0 it was taken, 1 it was not, 2 bad input.
`;

interface Output {
  write(text: string): unknown;
}

/** `webhook test`: tries a receiver; answers the exit code. */
export async function runWebhookCommand(
  args: string[],
  env: Env,
  out: Output = process.stdout,
  err: Output = process.stderr,
): Promise<number> {
  const { alertUrl, hosts } = webhooksConfig(env);
  const input = read(args, alertUrl);
  if (input === null || input.help) {
    (input ? out : err).write(USAGE);
    return input ? 0 : 2;
  }
  const secret = env.WEBHOOK_SECRET;
  if (secret === undefined) {
    err.write(`There is nothing to sign with: ${HOW_TO_SIGN}\n`);
    return 2;
  }
  const message = { id: `test-${randomUUID()}`, body: testBody() };
  try {
    await postWebhook(input.url, message, { secret, hosts, signal: new AbortController().signal });
    out.write(`The message ${message.id} was taken.\n`);
    return 0;
  } catch (error) {
    if (!(error instanceof WebhookFailed)) throw error;
    err.write(`The message was not taken: ${error.message}\n`);
    return 1;
  }
}

function testBody(): string {
  return JSON.stringify({ type: 'webhook.test', timestamp: new Date().toISOString(), data: {} });
}

function read(args: string[], alertUrl: string | null): { url: string; help: boolean } | null {
  try {
    const options = { url: { type: 'string' }, help: { type: 'boolean', short: 'h' } } as const;
    const { values, positionals } = parseArgs({ args, allowPositionals: true, options });
    if (values.help) return { url: '', help: true };
    const url = values.url ?? alertUrl;
    return positionals.join(' ') === 'test' && url !== null ? { url, help: false } : null;
  } catch {
    return null;
  }
}
