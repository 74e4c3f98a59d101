import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { SetupError } from './report.mjs';
import { holding } from './set-up-lock.mjs';

/** Tools that were fetched or built, shared by all clones of this user. */
export const cacheDir = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'ytempire');

/**
 * Path of `name` in the cache. When it is missing, `make(draft)` fills an empty folder and answers with the
 * path inside it to keep (the folder itself by default); an interrupted set-up leaves nothing behind.
 */
export async function cached(name, make) {
  const target = join(cacheDir, name);
  if (existsSync(target)) return target;
  ensureCacheDir();
  return holding(`${target}.lock`, async () => {
    if (existsSync(target)) return target;
    removeDrafts(name);
    const draft = mkdtempSync(`${target}.draft-`);
    try {
      renameSync((await make(draft)) ?? draft, target);
    } finally {
      rmSync(draft, { recursive: true, force: true });
    }
    return target;
  });
}

/** What an interrupted set-up left; nobody else works on it while we hold the lock. */
function removeDrafts(name) {
  for (const file of readdirSync(cacheDir).filter((each) => each.startsWith(`${name}.draft-`))) {
    rmSync(join(cacheDir, file), { recursive: true, force: true });
  }
}

function ensureCacheDir() {
  try {
    mkdirSync(cacheDir, { recursive: true });
  } catch (error) {
    throw new SetupError(
      `The tool cache ${cacheDir} can't be made (${error.code}): set XDG_CACHE_HOME to a writable folder.`,
    );
  }
}

const checksFile = join(cacheDir, 'checked.json');

/**
 * Remembers the answer of `check()` about a file until the file's time or size changes, so that a warm
 * start runs no program to look at its tools.
 */
export async function checkedOnce(name, path, check) {
  const { mtimeMs, size } = statSync(path);
  const key = `${name} ${path} ${mtimeMs} ${size}`;
  const known = readChecks();
  if (key in known) return known[key];
  const answer = await check();
  writeCheck(key, answer);
  return answer;
}

function readChecks() {
  try {
    return JSON.parse(readFileSync(checksFile, 'utf8'));
  } catch {
    return {};
  }
}

function writeCheck(key, answer) {
  ensureCacheDir();
  const draft = `${checksFile}.${process.pid}`;
  writeFileSync(draft, JSON.stringify({ ...readChecks(), [key]: answer }, null, 1));
  renameSync(draft, checksFile);
}
