import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { builtCode } from '../../infra/embedded/stack-process.ts';
import { projectRoot } from '../../infra/project-root.ts';
import { settingsMark } from '../../infra/settings/env.ts';
import { openPool } from '../../infra/stores/postgres.ts';
import { type Check, type Finding, fail, ok, reasonOf, warn } from './check.ts';
import { type Patient, UNKNOWN } from './patient.ts';

const CONNECT_MS = 5_000;
const LOGS = 'see "npm run stack -- logs"';
const DOWN = 'down; it starts with "npm run up" or with the first video';

/** The stack, and the stores that it or the operator runs. */
export function serverChecks(patient: Patient): Check[] {
  const { env, config } = patient;
  return [
    { name: 'stack', mend: LOGS, run: () => checkStack(patient) },
    {
      name: 'Postgres',
      mend: env.DATABASE_URL ? 'start it, or correct DATABASE_URL' : LOGS,
      run: () => (config.databaseUrl === UNKNOWN ? ok(DOWN) : checkPostgres(patient)),
    },
    {
      name: 'Redis',
      mend: env.REDIS_URL ? 'start it, or correct REDIS_URL' : LOGS,
      run: () => (config.redisUrl === UNKNOWN ? ok(DOWN) : checkRedis(config.redisUrl)),
    },
  ];
}

async function checkStack({ lock, dataDir }: Patient): Promise<Finding> {
  if (!lock) return ok(`is down (data: ${dataDir}); it starts with "npm run up" or with the first video`);
  if (!lock.api) return warn(`is starting (process ${lock.pid})`, 'look again in a moment');
  const answer = await fetch(`${lock.api}/health`, { signal: AbortSignal.timeout(CONNECT_MS) });
  if (!answer.ok) return fail(`${lock.api}/health answers ${answer.status}`, LOGS);
  const older = lock.build !== builtCode() || lock.settings !== settingsMark();
  if (older) {
    return warn(
      `${lock.api} runs with older code or other settings`,
      'the next "npm run video" starts it again, unless it is at work; "npm run stack -- stop" ends it',
    );
  }
  return ok(`is up at ${lock.api}; Temporal UI ${lock.temporal_ui ?? 'not ours'}`);
}

async function checkPostgres({ config, lock }: Patient): Promise<Finding> {
  const pool = openPool(config);
  try {
    const { rows } = await pool.query<{ version: string; known: boolean }>(
      `SELECT current_setting('server_version') AS version, to_regclass('migrations') IS NOT NULL AS known`,
    );
    const found = `Postgres ${rows[0]?.version}`;
    const applied = rows[0]?.known ? await appliedMigrations(pool) : [];
    const pending = shippedMigrations().filter((name) => !applied.includes(name));
    if (pending.length === 0) return ok(`${found}, schema ${config.schema} is up to date`);
    return warn(
      `${found}, schema ${config.schema} lacks ${pending.join(', ')}`,
      lock ? '"npm run stack -- stop", then "npm run up"' : 'run "npm run ytempire migrate"',
    );
  } finally {
    await pool.end();
  }
}

async function appliedMigrations(pool: ReturnType<typeof openPool>): Promise<string[]> {
  const { rows } = await pool.query<{ name: string }>('SELECT name FROM migrations');
  return rows.map(({ name }) => name);
}

function shippedMigrations(): string[] {
  const files = readdirSync(join(projectRoot, 'infra', 'migrations'));
  return files.filter((file) => file.endsWith('.sql')).map((file) => file.slice(0, -'.sql'.length));
}

async function checkRedis(url: string): Promise<Finding> {
  const redis = new Redis(url, {
    lazyConnect: true,
    connectTimeout: CONNECT_MS,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
  });
  let last: unknown;
  redis.on('error', (error) => {
    last = error;
  });
  try {
    await redis.connect();
    const info = await redis.info('server');
    const version = /(?:valkey|redis)_version:(\S+)/.exec(info)?.[1] ?? 'of unknown version';
    return ok(`Redis ${version} answers`);
  } catch (error) {
    throw new Error(reasonOf(last ?? error));
  } finally {
    redis.disconnect();
  }
}
