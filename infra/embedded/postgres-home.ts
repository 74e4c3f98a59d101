import { createHash } from 'node:crypto';
import {
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { dirname, join } from 'node:path';

/** Where Postgres's programs and data are, and as whom it runs. */
export interface PostgresHome {
  programs: string;
  data: string;
  user: { uid: number; gid: number } | null;
}

/**
 * Postgres refuses to run as root: then it runs as nobody, and what lies below a folder that nobody can't
 * enter is in /var/tmp instead: a copy of the programs, shared by all data folders, and the data itself.
 */
export function postgresHome(dataDir: string, programs: string): PostgresHome {
  if (process.getuid?.() !== 0) return { programs, data: join(dataDir, 'postgres'), user: null };
  return {
    programs: isOpenToAll(programs) ? programs : copyOf(programs),
    data: join(isOpenToAll(dataDir) ? dataDir : makeOwnFolder(shelterOf(dataDir)), 'postgres'),
    user: nobody(),
  };
}

/** Where the data of this folder's Postgres lives when nobody can't enter the folder itself. */
export function shelterOf(path: string): string {
  const hash = createHash('sha256').update(path).digest('hex').slice(0, 12);
  return join('/var/tmp', `ytempire-${hash}`);
}

/** Gives a file to the user that Postgres runs as. */
export function giveTo(user: PostgresHome['user'], path: string): void {
  if (user) chownSync(path, user.uid, user.gid);
}

function nobody(): { uid: number; gid: number } {
  const entry = /^nobody:[^:]*:(\d+):(\d+):/m.exec(readFileSync('/etc/passwd', 'utf8'));
  if (!entry)
    throw new Error('Postgres refuses to run as root and there is no user "nobody": run as a normal user.');
  return { uid: Number(entry[1]), gid: Number(entry[2]) };
}

function isOpenToAll(path: string): boolean {
  for (let folder = realpathSync(path); folder !== '/'; folder = dirname(folder)) {
    if ((statSync(folder).mode & 0o001) === 0) return false;
  }
  return true;
}

/** Its name can be guessed, so a folder that another user made in advance is refused. */
function makeOwnFolder(path: string): string {
  mkdirSync(path, { recursive: true, mode: 0o755 });
  const { uid, mode } = statSync(path);
  if (uid !== 0 || (mode & 0o022) !== 0) throw new Error(`${path} belongs to someone else: remove it.`);
  return path;
}

function copyOf(programs: string): string {
  const copy = join(makeOwnFolder(shelterOf(programs)), 'programs');
  if (existsSync(copy)) return copy;
  const draft = `${copy}.${process.pid}`;
  cpSync(programs, draft, { recursive: true, verbatimSymlinks: true });
  try {
    renameSync(draft, copy);
  } catch {
    // Another start was faster.
    rmSync(draft, { recursive: true });
  }
  return copy;
}
