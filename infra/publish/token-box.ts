import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from '../settings/config.ts';
import type { Secrets } from '../settings/secrets.ts';

const CIPHER = 'aes-256-gcm';
const KEY_BYTES = 32;
const IV_BYTES = 12;
const OWNER_ONLY = 0o600;

/** Seals texts with AES-256-GCM. A sealed text opens only with the name that it was sealed with. */
export interface TokenBox {
  seal(text: string, name: string): string;
  /** Throws an Error that says what to do when the key or the name is another one. */
  open(sealed: string, name: string): string;
}

type KeyParts = { config: Pick<Config, 'dataDir'>; secrets: Pick<Secrets, 'youtubeTokenKey'> };

/** The box with the key of YOUTUBE_TOKEN_KEY, else with that of a file in DATA_DIR. Throws when there is neither. */
export async function openTokenBox({ config, secrets }: KeyParts): Promise<TokenBox> {
  const text = secrets.youtubeTokenKey ?? (await readKey(keyFile(config)));
  if (text === null) {
    throw new Error(
      `no key for the tokens of YouTube: set YOUTUBE_TOKEN_KEY, or connect on the machine with ${keyFile(config)}`,
    );
  }
  return boxOf(Buffer.from(text, 'hex'));
}

/** The same, and makes the file where neither is there. */
export async function makeTokenBox(parts: KeyParts): Promise<TokenBox> {
  if (parts.secrets.youtubeTokenKey === null) {
    await mkdir(parts.config.dataDir, { recursive: true });
    // Two at once must end with one key.
    await writeFile(keyFile(parts.config), randomBytes(KEY_BYTES).toString('hex'), {
      flag: 'wx',
      mode: OWNER_ONLY,
    }).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
  }
  return openTokenBox(parts);
}

function keyFile({ dataDir }: Pick<Config, 'dataDir'>): string {
  return join(dataDir, 'youtube-token.key');
}

async function readKey(path: string): Promise<string | null> {
  try {
    return (await readFile(path, 'utf8')).trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

function boxOf(key: Buffer): TokenBox {
  if (key.length !== KEY_BYTES)
    throw new Error('the key for the tokens of YouTube must be 64 hexadecimal digits');
  return {
    seal: (text, name) => {
      const iv = randomBytes(IV_BYTES);
      const cipher = createCipheriv(CIPHER, key, iv).setAAD(Buffer.from(name));
      const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
      return [iv, cipher.getAuthTag(), sealed].map((part) => part.toString('base64url')).join('.');
    },
    open: (sealed, name) => {
      try {
        const [iv, tag, data] = sealed.split('.').map((part) => Buffer.from(part, 'base64url'));
        if (!iv || !tag || !data) throw new Error('parts are missing');
        const cipher = createDecipheriv(CIPHER, key, iv, { authTagLength: 16 });
        cipher.setAAD(Buffer.from(name)).setAuthTag(tag);
        return Buffer.concat([cipher.update(data), cipher.final()]).toString('utf8');
      } catch (error) {
        throw new Error('a token of YouTube was sealed with another key: connect the channel again', {
          cause: error,
        });
      }
    },
  };
}
