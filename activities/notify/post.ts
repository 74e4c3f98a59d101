import { once } from 'node:events';
import { type IncomingMessage, request as plainRequest } from 'node:http';
import { type RequestOptions, request as secureRequest } from 'node:https';
import { AddressRefused, publicLookup, type Resolve } from '../../infra/network/public-address.ts';
import { isAllowedHost, webhookUrlFault } from '../../infra/network/webhook-url.ts';
import { signatureHeaders, type WebhookMessage } from './sign.ts';

const TIMEOUT_MS = 10_000;
/** Of an answer's body, which says nothing to us. */
const MAX_ANSWER_BYTES = 4_096;

export interface PostRules {
  secret: string;
  /** `host:port` that may be private and plain. */
  hosts: readonly string[];
  /** Aborts on cancel and worker shutdown: then the signal's reason is thrown. */
  signal: AbortSignal;
  timeoutMs?: number;
  resolve?: Resolve;
  /** Certificate of an authority, PEM; without it those that node trusts. */
  ca?: string;
}

/** A try that failed. Its message names the host at most, never the path or the query. */
export class WebhookFailed extends Error {
  override name = 'WebhookFailed';
  /** No later try can do better. */
  readonly final: boolean;

  constructor(message: string, final = false) {
    super(message);
    this.final = final;
  }
}

/**
 * Posts a signed message once; only an answer of 2xx is a success, and no redirect is followed. To public addresses alone,
 * over https, but for the hosts that are allowed. Throws {@link WebhookFailed}, and the signal's reason.
 */
export async function postWebhook(text: string, message: WebhookMessage, rules: PostRules): Promise<void> {
  const fault = webhookUrlFault(text, rules.hosts);
  if (fault !== null) throw new WebhookFailed(`its address ${fault}`, true);
  const url = new URL(text);
  const { timeoutMs = TIMEOUT_MS } = rules;
  const timeout = AbortSignal.timeout(timeoutMs);
  const signal = AbortSignal.any([rules.signal, timeout]);
  const response = await ask(url, message, rules, signal).catch((error: Error) => {
    rules.signal.throwIfAborted();
    if (timeout.aborted)
      throw new WebhookFailed(`${url.hostname} gave no answer within ${timeoutMs / 1000} s`);
    throw failureOf(url, error);
  });
  await drain(response);
  const status = response.statusCode ?? 0;
  if (status < 200 || status > 299) throw new WebhookFailed(statusText(url, status));
}

async function ask(
  url: URL,
  message: WebhookMessage,
  { secret, hosts, resolve, ca }: PostRules,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  const options: RequestOptions = {
    method: 'POST',
    signal,
    // A connection of its own: none that was opened before, to an address that was not checked.
    agent: false,
    headers: {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(message.body),
      'user-agent': 'YTEMPIRE',
      ...signatureHeaders(message, secret, Date.now()),
    },
    lookup: isAllowedHost(url, hosts) ? undefined : publicLookup(resolve),
    ...(ca !== undefined && { ca }),
  };
  const request = url.protocol === 'https:' ? secureRequest(url, options) : plainRequest(url, options);
  request.end(message.body);
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  // The deadline may fall while the body comes: the status counts all the same.
  request.on('error', () => undefined);
  return response;
}

/** Reads the beginning of the body, so that the receiver sees a whole exchange, and not more of it. */
async function drain(response: IncomingMessage): Promise<void> {
  let bytes = 0;
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > MAX_ANSWER_BYTES) return;
    }
  } catch {
    // Broken off or too slow: its status had come.
  }
}

function failureOf(url: URL, error: Error & { code?: string }): WebhookFailed {
  if (error instanceof AddressRefused) {
    const message = `${url.hostname} leads to no public address; WEBHOOK_HOSTS may allow it`;
    return new WebhookFailed(message, true);
  }
  return new WebhookFailed(`${url.hostname} could not be reached: ${error.message || error.code}`);
}

function statusText(url: URL, status: number): string {
  const redirect = status >= 300 && status <= 399 ? ', and redirects are not followed' : '';
  return `${url.hostname} answered with status ${status}${redirect}`;
}
