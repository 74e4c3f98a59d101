import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { SECRET_NAMES, VARIABLES } from '../../infra/settings/env-variables.ts';
import { type Check, type Finding, ok, warn } from './check.ts';

const OTHERS_MAY_READ = 0o044;

/** `.env` of the project: read already when this runs, since a broken line ends every command. */
export function settingsChecks(root: string): Check[] {
  const path = join(root, '.env');
  return [
    { name: 'settings', mend: `make ${path} a text file that you may read`, run: () => checkFile(path) },
  ];
}

function checkFile(path: string): Finding {
  const names = namesIn(path);
  if (!names) return ok('no .env, which is fine; "cp .env.example .env" makes one');
  const unknown = names.filter((name) => !Object.hasOwn(VARIABLES, name));
  if (unknown.length > 0) {
    return warn(`.env names what nobody reads: ${unknown.join(', ')}`, 'compare with .env.example');
  }
  const holdsKey = SECRET_NAMES.some((name) => names.includes(name));
  if (holdsKey && (statSync(path).mode & OTHERS_MAY_READ) !== 0) {
    return warn('.env holds a key and others may read it', 'run "chmod 600 .env"');
  }
  return ok(names.length === 0 ? '.env sets nothing' : `.env sets ${names.join(', ')}`);
}

function namesIn(path: string): string[] | null {
  try {
    return Object.keys(parseEnv(readFileSync(path, 'utf8').replace(/^\uFEFF/, '')));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}
