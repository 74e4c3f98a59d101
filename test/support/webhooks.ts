import { readFileSync } from 'node:fs';
import type { IncomingHttpHeaders } from 'node:http';
import { join } from 'node:path';
import { projectRoot } from '../../infra/project-root.ts';
import { NO_SECRETS } from '../../infra/settings/secrets.ts';

export const WEBHOOK_SECRET = `whsec_${Buffer.alloc(32, 'secret').toString('base64')}`;
export const WEBHOOK_SECRETS = { ...NO_SECRETS, webhook: WEBHOOK_SECRET };

export type Verify = (secret: string, headers: IncomingHttpHeaders, body: string) => boolean;

/** The very code that docs/webhooks.md gives to receivers. */
export async function documentedVerify(): Promise<Verify> {
  const page = readFileSync(join(projectRoot, 'docs/webhooks.md'), 'utf8');
  const [, code = ''] = /```js\b[^\n]*\n([\s\S]*?)```/.exec(page) ?? [];
  const { verify } = await import(`data:text/javascript,${encodeURIComponent(code)}`);
  return verify;
}
