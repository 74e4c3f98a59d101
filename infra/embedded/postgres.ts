import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { logPlace } from './log-file.ts';
import { freePort, PREFERRED_PORTS } from './ports.ts';
import { giveTo, type PostgresHome, postgresHome } from './postgres-home.ts';
import { secretIn } from './secret.ts';
import type { ServerPlace, ServerPlan, ServicePlan } from './service.ts';

const USER = 'ytempire';
/** Every start that may meet the lock of a killed server, which outlives it for about a second. */
export const POSTGRES_ATTEMPTS = 15;

/** A Postgres on 127.0.0.1 only, with a random password; `fsync` off when its data need not outlive a crash. */
export async function planPostgres(
  place: ServerPlace,
  programs: string,
  durable: boolean,
): Promise<ServerPlan> {
  const home = postgresHome(place.dataDir, programs);
  const password = secretIn(join(place.dataDir, 'postgres.password'));
  if (!existsSync(home.data)) await initialise(home, place.dataDir, password);
  const port = await freePort(PREFERRED_PORTS.postgres);
  const url = `postgres://${USER}:${password}@127.0.0.1:${port}/postgres`;
  const plan: ServicePlan = {
    name: 'postgres',
    command: join(home.programs, 'bin', 'postgres'),
    args: ['-D', home.data, '-p', String(port), ...settings(durable)],
    env: place.env,
    cwd: '/',
    user: home.user,
    mark: home.data,
    port,
    log: logPlace(place, 'postgres'),
    isReady: () => answers(url),
    readyWithinMs: 30_000,
  };
  return { plan, urls: { DATABASE_URL: url } };
}

/** No unix socket: its path may be longer than the system allows. */
function settings(durable: boolean): string[] {
  const values = ['listen_addresses=127.0.0.1', 'unix_socket_directories=', 'max_connections=150'];
  if (!durable) values.push('fsync=off', 'full_page_writes=off', 'synchronous_commit=off');
  return values.flatMap((value) => ['-c', value]);
}

/** In a draft folder that takes its name at the end: an interrupted start leaves no half database. */
async function initialise(home: PostgresHome, dataDir: string, password: string): Promise<void> {
  const draft = `${home.data}.draft`;
  const passwordFile = `${draft}-password`;
  rmSync(draft, { recursive: true, force: true });
  mkdirSync(draft, { recursive: true, mode: 0o700 });
  giveTo(home.user, draft);
  writeFileSync(passwordFile, password, { mode: 0o600 });
  giveTo(home.user, passwordFile);
  const how = ['--auth=scram-sha-256', '--encoding=UTF8', '--no-locale', '--no-sync', '--no-instructions'];
  try {
    await promisify(execFile)(
      join(home.programs, 'bin', 'initdb'),
      ['-D', draft, '-U', USER, `--pwfile=${passwordFile}`, ...how],
      { cwd: '/', ...home.user },
    );
  } catch (error) {
    throw new Error(`initdb for ${dataDir}: ${(error as Error).message}`);
  } finally {
    rmSync(passwordFile, { force: true });
  }
  renameSync(draft, home.data);
}

async function answers(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 1_000 });
  // The server may close the connection at any moment of its start.
  client.on('error', () => undefined);
  try {
    await client.connect();
    return true;
  } finally {
    await client.end().catch(() => undefined);
  }
}
