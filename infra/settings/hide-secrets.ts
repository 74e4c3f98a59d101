import type { Config } from './config.ts';
import type { Secrets } from './secrets.ts';

/** Takes secrets out of a text. */
export type Hide = (text: string) => string;

/** Shorter ones would be found in ordinary words. */
const MIN_CHARS = 6;
const PASSWORD = /^[a-z][a-z0-9+.-]*:\/\/[^@/?#:]*:([^@/?#]+)@/i;

/**
 * Hides keys, and the passwords of URLs, wherever they stand: an error may quote a header, a body or an address that
 * holds one. As they are, and as JSON or a URL would write them.
 */
export function createHide(secrets: Secrets, urls: readonly (string | undefined)[]): Hide {
  const given = [...Object.values(secrets), ...headerValues(secrets.traceHeaders), ...urls.map(passwordOf)];
  const values = given.flatMap((value: string | null) =>
    value === null ? [] : [value, JSON.stringify(value).slice(1, -1), encodeURIComponent(value)],
  );
  const hidden = [...new Set(values)].filter((value) => value.length >= MIN_CHARS);
  // The longest first: one may be a part of another.
  hidden.sort((a, b) => b.length - a.length);
  return (text) => hidden.reduce((shown, value) => shown.replaceAll(value, '***'), text);
}

/** What a process with these settings must not tell. */
export function hideFor(config: Pick<Config, 'databaseUrl' | 'redisUrl'>, secrets: Secrets): Hide {
  return createHide(secrets, [config.databaseUrl, config.redisUrl]);
}

function passwordOf(url = ''): string | null {
  const password = PASSWORD.exec(url)?.[1];
  if (password === undefined) return null;
  try {
    return decodeURIComponent(password);
  } catch {
    return password;
  }
}

/** Of headers as name=value, parted by commas. */
function headerValues(headers: string | null): string[] {
  return (headers ?? '').split(',').map((header) => header.slice(header.indexOf('=') + 1).trim());
}
