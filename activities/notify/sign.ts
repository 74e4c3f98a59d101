import { createHmac } from 'node:crypto';

const PREFIX = 'whsec_';

/** What is signed, and sent: the same bytes at every try. */
export interface WebhookMessage {
  /** The same at every try, so that a receiver knows a repeat. */
  id: string;
  body: string;
}

/**
 * The headers that prove a message's origin and age: HMAC-SHA256 over `id.timestamp.body`, as in Standard Webhooks 1.0
 * (standardwebhooks.com), so that its libraries verify it. `secret` is `whsec_` and base64, `atMs` the time of this try.
 */
export function signatureHeaders(
  { id, body }: WebhookMessage,
  secret: string,
  atMs: number,
): Record<string, string> {
  const timestamp = String(Math.floor(atMs / 1000));
  const key = Buffer.from(secret.slice(PREFIX.length), 'base64');
  const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64');
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${signature}` };
}
