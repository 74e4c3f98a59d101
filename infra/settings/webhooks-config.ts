import { webhookUrlFault } from '../network/webhook-url.ts';
import type { Env } from './env.ts';

export interface WebhooksConfig {
  /** Whether there is a secret to sign with; without one no webhook is sent. */
  signed: boolean;
  /** Receiver of critical alerts; null = none. */
  alertUrl: string | null;
  /** `host:port` that may be reached at private addresses and over plain http. */
  hosts: string[];
}

/** How an operator gets a secret that signs webhooks. */
export const HOW_TO_SIGN = 'set WEBHOOK_SECRET, for example to whsec_$(openssl rand -base64 32)';

/** Throws an Error that names what is wrong with ALERT_WEBHOOK. */
export function webhooksConfig(env: Env): WebhooksConfig {
  const signed = env.WEBHOOK_SECRET !== undefined;
  const hosts = (env.WEBHOOK_HOSTS ?? '')
    .split(',')
    .map((host) => host.trim().toLowerCase())
    .filter((host) => host !== '');
  const alertUrl = env.ALERT_WEBHOOK ?? null;
  const fault = alertUrl === null ? null : signed ? webhookUrlFault(alertUrl, hosts) : HOW_TO_SIGN;
  if (fault !== null) throw new Error(`ALERT_WEBHOOK: ${fault}`);
  return { signed, alertUrl, hosts };
}
