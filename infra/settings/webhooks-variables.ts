import { matching, url, variable } from './env-values.ts';

/** What webhooks are set by; `.env.example` is made from it. */
export const WEBHOOKS = {
  WEBHOOK_SECRET: variable(
    matching(/^whsec_[A-Za-z0-9+/]{32,88}={0,2}$/, 'whsec_ and 24 to 64 random bytes in base64'),
    'Signs webhooks, as whsec_ and 24 to 64 random bytes in base64; orders may name a webhook_url once it is set.',
  ),
  ALERT_WEBHOOK: variable(url, 'Critical alerts are posted to this https address; needs WEBHOOK_SECRET.'),
  WEBHOOK_HOSTS: variable(
    matching(/^[^\s,/@]+:\d{1,5}(\s*,\s*[^\s,/@]+:\d{1,5})*$/, 'host:port, parted by commas'),
    'Receivers in your own network, as host:port parted by commas: they may have private addresses and plain http.',
  ),
};
