import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Ajv } from 'ajv';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { ROUTE_LIST } from '../../api/openapi/routes.ts';
import { QUEUES } from '../../domain/stages.ts';
import { DYNAMIC_CONFIG } from '../../infra/embedded/temporal.ts';
import { projectRoot } from '../../infra/project-root.ts';
import { newApiKey } from '../../infra/settings/api-keys.ts';
import { readConfig } from '../../infra/settings/config.ts';
import { childEnvironment, readEnv } from '../../infra/settings/env.ts';
import { SECRET_NAMES, VARIABLES } from '../../infra/settings/env-variables.ts';
import { environmentOf, readCompose } from '../support/compose-file.ts';

/** There is no container engine in the tests: what can be known of these files without one is checked here. */

const read = (file: string) => readFileSync(join(projectRoot, file), 'utf8');
const { services, volumes, configs } = readCompose();
const dockerfile = read('Dockerfile');
const own = Object.entries(services).filter(([, { image }]) => image === 'ytempire');
const workers = own.filter(([name]) => name.startsWith('worker-'));

/** What an operator has to set, and everything else that can be, with values that tell one from another. */
const NEEDED = {
  ...{ POSTGRES_PASSWORD: 'pg', REDIS_PASSWORD: 'redis', S3_KEY: 'id', S3_SECRET: 'secret' },
  ...{ MACHINE_ID: 'attic', API_KEYS: newApiKey('me', 'read').entry },
};
const KEYS: Record<string, string> = {
  ...Object.fromEntries(SECRET_NAMES.map((name) => [name, `${name}-of-the-operator`])),
  WEBHOOK_SECRET: `whsec_${'B'.repeat(32)}`,
};

/** Variables that mean nothing in these containers, or that the file has to set itself, by the reason. */
const NOT_THE_OPERATORS = {
  'made of the services of the file':
    'DATABASE_URL REDIS_URL TEMPORAL_ADDRESS TEMPORAL_UI ARTIFACTS S3_ENDPOINT AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY API_HOST API_PORT METRICS_HOST METRICS_PORT TEMPORAL_METRICS_PORT READY_FILE',
  'those services have none':
    'S3_REGION AWS_SESSION_TOKEN TEMPORAL_NAMESPACE TEMPORAL_API_KEY TEMPORAL_TLS TEMPORAL_TLS_CLIENT_CERT_PATH TEMPORAL_TLS_CLIENT_KEY_PATH TEMPORAL_TLS_SERVER_CA_CERT_PATH TEMPORAL_TLS_SERVER_NAME DATABASE_SCHEMA REDIS_PREFIX TASK_QUEUE_PREFIX',
  'of the image': 'DATA_DIR FFMPEG_PATH FFPROBE_PATH NVIDIA_SMI_PATH TTS_PYTHON ESPEAK_PATH',
  'of the embedded stack and the commands':
    'POSTGRES_HOME REDIS_SERVER REDIS_LIBRARY_PATH TEMPORAL_CLI TEMPORAL_IN_MEMORY CHROMIUM_PATH LOG_MAX_MB LOG_KEEP IDLE_STOP_MS API_KEY',
  'names a file, which has to be mounted as well': 'MUSIC_DIR PRICES_FILE',
  'changes together with stop_grace_period': 'SHUTDOWN_GRACE_MS',
  'chooses the device instead': 'GPU_ID',
};

/** Read by one kind of process alone. */
const OF_THE_API = ['API_KEYS', 'SESSION_SECRET', 'RATE_LIMIT'];
const OF_THE_WORKERS = ['MACHINE_ID', 'SPEECH_API_KEY', 'YOUTUBE_CLIENT_SECRET', 'YOUTUBE_TOKEN_KEY'];

function isFor(name: string, role: string): boolean {
  return !(role === 'api' ? OF_THE_WORKERS : OF_THE_API).includes(name);
}

function linesOf(instruction: string): string[] {
  const lines = dockerfile.replaceAll('\\\n', ' ').split('\n');
  return lines
    .filter((line) => line.startsWith(`${instruction} `))
    .map((line) => line.slice(instruction.length + 1));
}

test('the file is as the Compose Specification has it, by its schema', () => {
  const { $schema: _, ...schema } = JSON.parse(read('test/fixtures/compose-spec/compose-spec.json'));
  const check = new Ajv({ strict: false, validateFormats: false }).compile(schema);
  const file: unknown = readCompose();
  check(file);
  expect(check.errors).toBeNull();
  const wrong = [{ enviroment: {} }, { ports: '8787:8787' }, { restart: 5 }, { deploy: { resource: {} } }];
  for (const part of wrong) expect(check({ services: { api: { ...services['api'], ...part } } })).toBe(false);
});

test('every variable that our containers are given is one that the configuration knows', () => {
  const given = own.flatMap(([, { environment = {} }]) => Object.keys(environment));
  const inImage = linesOf('ENV').flatMap((line) =>
    [...line.matchAll(/(\w+)=/g)].map(([, name = '']) => name),
  );
  expect(given.length).toBeGreaterThan(30);
  const known = [...Object.keys(VARIABLES), 'NODE_ENV'];
  for (const name of [...given, ...inImage]) expect(known).toContain(name);
});

test('every variable that the operator sets reaches the API and all workers, unless it has a reason not to', () => {
  const roles = own.filter(([name]) => name !== 'migrate');
  const excepted = Object.values(NOT_THE_OPERATORS).flatMap((names) => names.split(' '));
  for (const name of [...Object.keys(VARIABLES), ...excepted]) {
    const reached = roles.filter(([, { environment }]) => environment?.[name]?.startsWith(`\${${name}:`));
    const wanted = roles.filter(([role]) => !excepted.includes(name) && isFor(name, role));
    expect(Object.keys(VARIABLES)).toContain(name);
    expect(
      reached.map(([role]) => role),
      name,
    ).toEqual(wanted.map(([role]) => role));
  }
});

test('what the operator sets counts the same in the API and in the workers, and nothing set is nothing', () => {
  const set = {
    ...{ DAILY_LIMIT_USD: '25', COST_CEILING_USD: '4.5', QUEUE_MAX: '7', FALLBACKS: 'speech=local' },
    ...{ OPENAI_MODEL: 'other', SPEECH_VOICE: 'nova', ALERT_WEBHOOK: 'https://example.com/alert' },
  };
  for (const operator of [NEEDED, { ...NEEDED, ...set, ...KEYS }, { ...NEEDED, TTS_COMMAND: 'say' }]) {
    const configs = own.map(([, service]) => readConfig(readEnv(environmentOf(service, operator))));
    const shared = configs.map(({ providers, fallbacks, youtube, webhooks, money, queueMax }) => {
      return { providers, fallbacks, youtube, webhooks, money, queueMax };
    });
    const outside = { DATABASE_URL: 'x', REDIS_URL: 'x', TEMPORAL_ADDRESS: 'x', ...operator };
    for (const each of shared) expect(readConfig(readEnv(outside))).toMatchObject(each);
    expect(new Set(shared.map((each) => JSON.stringify(each))).size).toBe(1);
  }
});

test('the workers have the keys of services, and the API and the migration none of them', () => {
  const needed = /^(API_KEY|SESSION_SECRET|TEMPORAL_API_KEY|AWS_.*|OTEL_.*)$/;
  const ofServices = SECRET_NAMES.filter((name) => !needed.test(name));
  expect(ofServices).toHaveLength(7);
  for (const [name, service] of own) {
    const values = Object.values(environmentOf(service, { ...NEEDED, ...KEYS }));
    const held = ofServices.filter((secret) => values.some((value) => value.includes(KEYS[secret] ?? '')));
    expect(held, name).toEqual(name.startsWith('worker-') ? ofServices : []);
  }
});

test('there are the API, the migration and workers for each queue, and each runs what the build makes', () => {
  const queues = own.flatMap(([, { command = [] }]) => command[command.indexOf('--lanes') + 1]?.split(','));
  expect(own.map(([name]) => name)).toEqual([
    'migrate',
    'api',
    'worker-control-io',
    'worker-cpu',
    'worker-gpu',
  ]);
  for (const queue of QUEUES) expect(queues).toContain(queue);
  const entries = own.map(([, { command = [] }]) => command.find((part) => part.startsWith('.build/')) ?? '');
  const built = read('infra/build.mjs');
  for (const entry of entries) expect(built).toContain(` ${entry.slice('.build/'.length, -'.js'.length)}: '`);
});

test('nothing listens beyond this machine', () => {
  const ports = Object.values(services).flatMap((service) => service.ports ?? []);
  expect(ports.length).toBeGreaterThan(5);
  for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:\d+:\d+$/);
});

test('no password has a default, and the API always has a key', () => {
  const secrets = Object.values(services).flatMap(({ environment = {} }) =>
    Object.entries(environment).filter(([name]) => /PASSWORD|PWD|SECRET_KEY|ACCESS_KEY|API_KEYS/.test(name)),
  );
  expect(secrets.length).toBeGreaterThan(8);
  for (const [name, value] of secrets) expect(`${name}=${value}`).toMatch(/=\$\{[A-Z0-9_]+:\?[^}]+\}$/);
  for (const [, { environment = {} }] of own) {
    expect(environment['DATABASE_URL']).toContain(`:\${POSTGRES_PASSWORD:?`);
    expect(environment['REDIS_URL']).toContain(`:\${REDIS_PASSWORD:?`);
  }
  expect(services['api']?.environment).toHaveProperty('API_KEYS');
});

test('whoever is waited for exists and can be seen to be ready, by a path that is a route', () => {
  const needs = Object.values(services).flatMap((service) => Object.entries(service.depends_on ?? {}));
  for (const [name, { condition }] of needs) {
    expect(Object.keys(services)).toContain(name);
    if (condition === 'service_healthy') expect(services[name]?.healthcheck, name).toBeDefined();
  }
  const check = services['api']?.healthcheck?.test.join(' ') ?? '';
  const [, port, path] = /http:\/\/127\.0\.0\.1:(\d+)(\/[^']*)/.exec(check) ?? [];
  expect(port).toBe(services['api']?.environment?.['API_PORT']);
  expect(ROUTE_LIST.map((route) => route.path)).toContain(path);
});

test('a worker is healthy once it polls and as long as it lives', () => {
  expect(workers).toHaveLength(3);
  const folder = mkdtempSync(join(tmpdir(), 'ytempire-ready-'));
  const READY_FILE = join(folder, 'ready');
  const isHealthy = ([command = '', ...args]: string[]) =>
    spawnSync(command, args, { env: { ...childEnvironment, READY_FILE } }).status === 0;
  for (const [name, { healthcheck, environment, tmpfs }] of workers) {
    const file = environment?.['READY_FILE'] ?? '';
    // A file that outlived its container would speak for another process.
    expect(tmpfs?.map((mount) => mount.split(':')[0])).toContain(dirname(file));
    const check = healthcheck?.test.slice(1) ?? [];
    rmSync(READY_FILE, { force: true });
    expect(isHealthy(check), `${name} before it polls`).toBe(false);
    writeFileSync(READY_FILE, String(process.pid));
    expect(isHealthy(check), `${name} while it polls`).toBe(true);
    writeFileSync(READY_FILE, String(spawnSync('true').pid));
    expect(isHealthy(check), `${name} after its end`).toBe(false);
  }
  rmSync(folder, { recursive: true });
});

test('each worker has a folder of its own on a volume that exists, and only the gpu worker asks for a card', () => {
  const folders = own.flatMap(([, service]) => service.volumes ?? []);
  expect(new Set(folders).size).toBe(folders.length);
  const used = Object.values(services).flatMap((service) => service.volumes ?? []);
  for (const volume of used) expect(Object.keys(volumes)).toContain(volume.split(':')[0]);
  for (const [name, service] of own) {
    expect(service.deploy !== undefined, name).toBe(name === 'worker-gpu');
    expect(service.profiles ?? [], name).toEqual(name === 'worker-gpu' ? ['gpu'] : []);
  }
});

test('the gpu worker gets the one card that GPU_ID names, with all of the driver that encoding needs', () => {
  const { deploy, environment } = services['worker-gpu'] ?? {};
  // With count as well the engine refuses the request; without compute there is no libcuda, which NVENC loads.
  const device = {
    driver: 'nvidia',
    device_ids: [`\${GPU_ID:-0}`],
    capabilities: ['gpu', 'compute', 'utility', 'video'],
  };
  expect(deploy).toEqual({ resources: { reservations: { devices: [device] } } });
  // Within the container that card is the first, and these would speak of another one or take a part away.
  expect(environment).not.toHaveProperty('GPU_ID');
  expect(environment).not.toHaveProperty('NVIDIA_DRIVER_CAPABILITIES');
});

test('Temporal runs with the settings of the embedded server', () => {
  const settings: Record<string, [{ value: unknown }]> = parse(configs['temporal-settings']?.content ?? '');
  const values = Object.entries(settings).map(([name, [{ value }]]) => [name, value]);
  expect(Object.fromEntries(values)).toEqual(DYNAMIC_CONFIG);
});

test('every image is pinned, and no container of ours runs as root', () => {
  for (const { image } of Object.values(services)) {
    if (image !== 'ytempire') expect(image).toMatch(/:v?\d+\.\d+/);
  }
  const stages = dockerfile.split(/^FROM /m).slice(1);
  expect(stages.map((stage) => /AS (\S+)/.exec(stage)?.[1])).toEqual(['build', 'run', 'run-with-voice']);
  for (const stage of stages.slice(1)) expect(stage.match(/^USER .+$/gm)?.at(-1)).toBe('USER node');
});

test('the image copies what exists, and all that the build and the processes read', () => {
  const sources = linesOf('COPY').flatMap((line) => {
    const words = line.split(' ').filter((word) => !word.startsWith('--'));
    return words.slice(0, -1).map((word) => word.replace(/^\/app\//, ''));
  });
  const notOurs = ['node_modules', '.build'];
  for (const source of sources) {
    if (!notOurs.includes(source)) expect(existsSync(join(projectRoot, source)), source).toBe(true);
  }
  const buildReads = [...read('infra/setup/build-state.mjs').matchAll(/'([a-z][\w./-]*)'/g)].map(
    ([, path = '']) => path,
  );
  const places = buildReads.filter((path) => existsSync(join(projectRoot, path)));
  expect(places.length).toBeGreaterThan(8);
  for (const place of places)
    expect(
      sources.some((source) => `${place}/`.startsWith(`${source}/`)),
      place,
    ).toBe(true);
  const allowed = read('.dockerignore')
    .split('\n')
    .filter((line) => line.startsWith('!'));
  const copied = linesOf('COPY')
    .filter((line) => !line.includes('--from'))
    .flatMap((line) => line.split(' ').slice(0, -1));
  expect(allowed.map((line) => line.slice(1)).sort()).toEqual(copied.sort());
});

test('the voice in the image is the one that the set-up installs', () => {
  const [, voice = ''] = /VOICE = '([^']+)'/.exec(read('infra/setup/voice.mjs')) ?? [];
  expect(dockerfile).toContain(voice);
});
