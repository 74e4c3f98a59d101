import { chmodSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { shelterOf } from '../../../infra/embedded/postgres-home.ts';
import { isAlive } from '../../../infra/embedded/process-identity.ts';
import { type Servers, startServers } from '../../../infra/embedded/servers.ts';
import { becomes } from '../../../infra/embedded/wait.ts';
import { readEnv } from '../../../infra/settings/env.ts';

const PREFERRED = { postgres: 7432, redis: 7379, temporal: 7233 };

const dataDir = mkdtempSync(join(tmpdir(), 'ytempire-servers-'));
// Run by root, Postgres runs as another user, who must be able to enter.
chmodSync(dataDir, 0o755);
const blockers: Server[] = [];
const losses: string[] = [];
let servers: Servers;

beforeAll(async () => {
  await Promise.all(Object.values(PREFERRED).map(occupy));
  servers = await start();
});

afterAll(async () => {
  await servers.stop();
  for (const server of blockers) server.close();
  for (const folder of [dataDir, shelterOf(dataDir)]) rmSync(folder, { recursive: true, force: true });
});

async function start(): Promise<Servers> {
  const { DATABASE_URL, REDIS_URL, TEMPORAL_ADDRESS, TEMPORAL_UI, ...settings } = readEnv();
  const started = startServers({
    dataDir,
    env: process.env,
    settings,
    throwaway: false,
    onChange: () => undefined,
    onLoss: (name) => losses.push(name),
  });
  await Promise.all([started.storesReady, started.temporalReady]);
  return started;
}

/** Listens on the port, unless someone does already. */
function occupy(port: number): Promise<void> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve());
    server.listen(port, '127.0.0.1', () => {
      blockers.push(server);
      resolve();
    });
  });
}

async function ask(sql: string): Promise<unknown> {
  const client = new pg.Client({ connectionString: servers.urls.DATABASE_URL });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return (await client.query({ text: sql, rowMode: 'array' })).rows[0]?.[0];
  } finally {
    await client.end();
  }
}

test('servers whose ports are busy start on others', () => {
  for (const [name, port] of Object.entries(PREFERRED)) {
    expect(servers.entries()[name]).toMatchObject({ port: expect.any(Number), ready_ms: expect.any(Number) });
    expect(servers.entries()[name]?.port).not.toBe(port);
  }
});

test('the tables are there when the stores are ready', async () => {
  expect(await ask(`SELECT to_regclass('public.video_queue') IS NOT NULL`)).toBe(true);
});

test("Temporal's history is in a file beside its write-ahead log", () => {
  expect(existsSync(join(dataDir, 'temporal', 'temporal.db-wal'))).toBe(true);
});

test('Postgres that is killed with -9 comes back at the same address with its data', async () => {
  await ask(`CREATE TABLE kept AS SELECT 42 AS answer`);
  const before = servers.entries()['postgres'];
  process.kill(before?.pid ?? 0, 'SIGKILL');
  expect(await becomes(async () => (await ask('SELECT answer FROM kept')) === 42, 20_000)).toBe(true);
  expect(servers.entries()['postgres']?.pid).not.toBe(before?.pid);
  expect(losses).toContain('postgres');
});

test('a stop ends every server, and a second start finds the data', async () => {
  const pids = Object.values(servers.entries()).map(({ pid }) => pid);
  await servers.stop();
  expect(pids.filter(isAlive)).toEqual([]);
  servers = await start();
  expect(await ask('SELECT answer FROM kept')).toBe(42);
});
