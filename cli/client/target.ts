import { isOwned, readLock } from '../../infra/embedded/lock-file.ts';
import type { Env } from '../../infra/settings/env.ts';
import { badInput } from './cli-error.ts';

const DEFAULT_PORT = 8787;
/** Addresses to listen on that are none to call. */
const EVERYWHERE: Record<string, string> = { '0.0.0.0': '127.0.0.1', '::': '::1' };

/**
 * Address of the API: the one that is named, else that of the stack of this data folder, else API_HOST and API_PORT.
 * Throws a CliError (exit code 2) for an address that is none.
 */
export function apiAddress(
  named: string | undefined,
  env: Pick<Env, 'API_HOST' | 'API_PORT'>,
  dataDir: string,
): string {
  if (named !== undefined) return checked(named);
  const lock = readLock(dataDir);
  if (lock?.api && isOwned(lock)) return lock.api;
  const host = env.API_HOST ?? '127.0.0.1';
  const called = EVERYWHERE[host] ?? host;
  return `http://${called.includes(':') ? `[${called}]` : called}:${env.API_PORT || DEFAULT_PORT}`;
}

function checked(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  const isPlain =
    url !== null && /^https?:$/.test(url.protocol) && url.username === '' && url.pathname === '/';
  if (isPlain) return url.origin;
  throw badInput(
    `--url ${JSON.stringify(text.slice(0, 60))}`,
    'is not the address of an API',
    'give one such as http://127.0.0.1:8787',
  );
}
