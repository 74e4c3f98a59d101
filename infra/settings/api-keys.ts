import { createHash, randomBytes } from 'node:crypto';

/** What a key may do: order videos, look at everything, or move and stop what runs. */
export const SCOPES = ['submit', 'read', 'control'] as const;
export type Scope = (typeof SCOPES)[number];

/** A key as the API knows it: never the key itself. */
export interface ApiKey {
  /** Who it belongs to; stands in the log and the audit log. */
  name: string;
  scopes: Scope[];
  /** Of the whole key, in lower-case hex. */
  sha256: string;
}

const NAME = /^[a-z0-9][a-z0-9._-]{0,39}$/;
const PREFIX = 'yt_';

/** SHA-256 of a key as API_KEYS holds it. */
export function hashKey(key: string): string {
  return createHash('sha256').update(key).digest('hex');
}

/** A fresh key of 256 random bits and its entry; throws an Error that says what is wrong with the name or scopes. */
export function newApiKey(name: string, scopes: string): { key: string; entry: string } {
  const key = `${PREFIX}${randomBytes(32).toString('base64url')}`;
  const entry = `${name}:${scopes}:${hashKey(key)}`;
  parseEntry(entry, 'the key');
  return { key, entry };
}

/**
 * Reads API_KEYS, `name:scopes:sha256` parted by commas. Throws an Error that names the entry by its place; it
 * never quotes the last part, which may be a key that was put there by mistake.
 */
export function parseApiKeys(text: string): ApiKey[] {
  const entries = text.split(',').map((entry) => entry.trim());
  if (entries.at(-1) === '') entries.pop();
  const keys = entries.map((entry, index) => parseEntry(entry, `API_KEYS, entry ${index + 1}`));
  for (const part of ['name', 'sha256'] as const) {
    const twice = keys.findIndex((key, index) => keys.findIndex((each) => each[part] === key[part]) < index);
    if (twice >= 0)
      throw new Error(`API_KEYS, entry ${twice + 1}: its ${part} is in an earlier entry already`);
  }
  return keys;
}

function parseEntry(entry: string, where: string): ApiKey {
  const [name = '', scopes = '', sha256 = '', ...rest] = entry.split(':');
  if (sha256 === '' || rest.length > 0) {
    throw new Error(`${where}: expected name:scopes:sha256; "npm run ytempire -- keys new" makes one`);
  }
  if (!NAME.test(name)) {
    throw new Error(`${where}: the name may have lower-case letters, digits, ".", "_" and "-", 40 at most`);
  }
  if (!/^[0-9a-f]{64}$/i.test(sha256)) {
    throw new Error(`${where} (${name}): the last part must be the sha256 of the key, 64 hex digits`);
  }
  return { name, scopes: parseScopes(scopes, `${where} (${name})`), sha256: sha256.toLowerCase() };
}

function parseScopes(text: string, where: string): Scope[] {
  return text.split('+').map((part) => {
    const scope = SCOPES.find((known) => known === part);
    if (scope) return scope;
    throw new Error(
      `${where}: "${part.slice(0, 20)}" is no scope; there are ${SCOPES.join(', ')}, joined by +`,
    );
  });
}
