import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Diagnosis } from '../../../cli/doctor/check.ts';
import { runDoctor } from '../../../cli/doctor.ts';
import { type Env, readEnv } from '../../../infra/settings/env.ts';
import { FakeS3, S3_REGION, S3_SECRETS } from '../../support/fakes/s3.ts';
import { createTestDeps, type TestDeps } from '../../support/test-deps.ts';
import { createTestTerminal } from '../../support/test-terminal.ts';

const KEY = 'sk-wrong-and-secret';

let deps: TestDeps;
let folder: string;
let refusing: Server;
let refusingPort: number;

beforeAll(async () => {
  deps = await createTestDeps();
  folder = await mkdtemp(join(tmpdir(), 'doctor-test-'));
  refusing = createServer((_request, response) => response.writeHead(401).end(`{"error": "${KEY}"}`));
  refusingPort = await portOf(refusing);
});

afterAll(async () => {
  refusing.close();
  await deps.close();
  await rm(folder, { recursive: true });
});

function portOf(server: Server): Promise<number> {
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
}

/** The lines of the doctor about these settings on the servers of the tests, and the exit code. */
async function examine(settings: Partial<Env>): Promise<{ code: number; lines: string[] }> {
  const terminal = createTestTerminal();
  const env = { ...readEnv(), DATABASE_SCHEMA: deps.config.schema, ...settings };
  const code = await runDoctor([], env, deps.config.dataDir, terminal);
  return { code, lines: terminal.out.trimEnd().split('\n') };
}

const lineOf = (lines: string[], name: string) => lines.find((line) => line.slice(6).startsWith(`${name}: `));

test('every part of a sound machine is found, in a fixed order, and the exit code is 0', async () => {
  const { code, lines } = await examine({ API_PORT: 0 });
  expect(lines.filter((line) => line.startsWith('FAIL'))).toEqual([]);
  expect(code).toBe(0);
  expect(lines.at(-1)).toContain('npm run video');
  const names = lines.slice(0, -2).map((line) => line.slice(6).split(':')[0]);
  for (const name of ['node', 'disk of data', 'ffmpeg', 'voice', 'fonts', 'Postgres', 'Redis', 'prices']) {
    expect(names, name).toContain(name);
  }
  expect(lineOf(lines, 'Postgres')).toMatch(/^ok .*up to date$/);
  expect(lineOf(lines, 'Redis')).toMatch(/^ok .*answers$/);
  expect(lineOf(lines, 'Temporal')).toMatch(/^ok .*server \d+\.\d+/);
  expect(lineOf(lines, 'search attributes')).toMatch(/^ok /);
  expect(lineOf(lines, 'task priority')).toMatch(/levels/);
  expect(lineOf(lines, 'OpenAI')).toMatch(/^ok .*no OPENAI_API_KEY/);
});

test('what is broken is told on its line with the mend, no key is shown, and the exit code is 1', async () => {
  const prices = join(folder, 'prices.json');
  await writeFile(prices, '[{"provider":"openai"}]');
  const { code, lines } = await examine({
    FFMPEG_PATH: join(folder, 'no-ffmpeg'),
    API_PORT: refusingPort,
    MIN_FREE_DISK_MB: 1e9,
    REDIS_URL: 'redis://127.0.0.1:1',
    OPENAI_API_KEY: KEY,
    OPENAI_BASE_URL: `http://127.0.0.1:${refusingPort}/v1`,
    PEXELS_API_KEY: KEY,
    PEXELS_BASE_URL: `http://127.0.0.1:${refusingPort}`,
    SPEECH_BASE_URL: 'http://127.0.0.1:1/v1',
    PRICES_FILE: prices,
    DATA_DIR: folder,
  });
  expect(code).toBe(1);
  expect(lineOf(lines, 'ffmpeg')).toMatch(/^FAIL .*no-ffmpeg.* -> install a full ffmpeg .*FFMPEG_PATH/);
  expect(lineOf(lines, 'disk of data')).toMatch(/^FAIL .*MIN_FREE_DISK_MB.* -> free some/);
  expect(lineOf(lines, 'disk of temp')).toMatch(/^FAIL /);
  expect(lineOf(lines, `port ${refusingPort}`)).toMatch(
    /^warn .*taken by .*API uses another.* -> .*API_PORT/,
  );
  expect(lineOf(lines, 'Redis')).toMatch(/^FAIL .*ECONNREFUSED.* -> .*REDIS_URL/);
  expect(lineOf(lines, 'OpenAI')).toMatch(/^FAIL .*refuses the key \(401\) -> set OPENAI_API_KEY/);
  expect(lineOf(lines, 'Pexels')).toMatch(/^FAIL .*refuses the key \(401\) -> set PEXELS_API_KEY/);
  expect(lineOf(lines, 'voice')).toMatch(/^FAIL .*can't be reached .* -> .*SPEECH_BASE_URL/);
  expect(lineOf(lines, 'prices')).toContain(`${prices}: entry 1 (openai ? ?): model`);
  expect(lineOf(lines, 'prices')).toMatch(/^FAIL /);
  expect(lineOf(lines, 'Postgres')).toMatch(/^ok /);
  expect(lines.join('\n')).not.toContain(KEY);
});

test('a command that speaks no WAV, servers that are away and a schema that is behind are told', async () => {
  const { code, lines } = await examine({
    TTS_COMMAND: 'cat',
    TEMPORAL_ADDRESS: '127.0.0.1:1',
    DATABASE_SCHEMA: 'no_such_schema',
    PRICES_FILE: join(folder, 'nowhere.json'),
    ARTIFACTS: 'file:/proc/nowhere',
  });
  expect(code).toBe(1);
  expect(lineOf(lines, 'voice')).toMatch(/^FAIL .*TTS_COMMAND/);
  expect(lineOf(lines, 'Temporal')).toMatch(/^FAIL .* -> .*TEMPORAL_ADDRESS/);
  expect(lineOf(lines, 'Postgres')).toMatch(/^warn .*lacks .*001_init.* -> .*migrate/);
  expect(lineOf(lines, 'prices')).toMatch(/^FAIL .*nowhere\.json.* -> .*PRICES_FILE/);
  expect(lineOf(lines, 'artifacts')).toMatch(/^FAIL .*\/proc.* -> set ARTIFACTS/);
});

test('a bucket is asked with the key, and what is wrong with either is told', async () => {
  const fake = await FakeS3.start();
  const settings = {
    ARTIFACTS: `s3://${fake.bucket}/films`,
    S3_ENDPOINT: fake.endpoint,
    S3_REGION,
    AWS_ACCESS_KEY_ID: S3_SECRETS.s3KeyId ?? '',
    AWS_SECRET_ACCESS_KEY: S3_SECRETS.s3Secret ?? '',
  };
  expect(lineOf((await examine(settings)).lines, 'artifacts')).toMatch(/^ok .*s3:\/\/films\/films/);
  const { lines } = await examine({ ...settings, AWS_SECRET_ACCESS_KEY: 'wrong-secret' });
  expect(lineOf(lines, 'artifacts')).toMatch(/^FAIL .*the key is wrong.* -> set ARTIFACTS/);
  expect(lines.join()).not.toContain('wrong-secret');
  await fake.close();
});

test('a stack that is down is no failure', async () => {
  const { DATABASE_URL: _, REDIS_URL: __, TEMPORAL_ADDRESS: ___, ...env } = readEnv();
  const terminal = createTestTerminal();
  expect(await runDoctor(['--json'], env, folder, terminal)).toBe(0);
  const found: Diagnosis[] = JSON.parse(terminal.out);
  for (const name of ['stack', 'Postgres', 'Redis', 'Temporal']) {
    const { status, found: text } = found.find((one) => one.name === name) as Diagnosis;
    expect([name, status, text]).toEqual([name, 'ok', expect.stringContaining('npm run up')]);
  }
});

test('an argument that nobody knows is refused with the usage', async () => {
  const terminal = createTestTerminal();
  expect(await runDoctor(['--fast'], {}, folder, terminal)).toBe(2);
  expect(terminal.errors).toEqual(['Use: npm run doctor [-- --json]']);
});
