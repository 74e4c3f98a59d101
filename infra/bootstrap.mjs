import { dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { staleParts } from './setup/build-state.mjs';
import { findChromium } from './setup/chromium.mjs';
import { installDependencies } from './setup/dependencies.mjs';
import { SetupError, say, since } from './setup/report.mjs';
import { run } from './setup/run.mjs';
import { findTools, findToolsThatAreThere } from './setup/tools.mjs';

/**
 * Every npm script starts here, on a fresh clone too: makes ready what the command needs, then runs it in
 * this process. Prints each step that had to be done with its time, and nothing when all was there.
 */

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const OLDEST_NODE = [20, 19];
/** Commands that start programs of their own. */
const NEEDS_TOOLS = new Set([
  'video',
  'up',
  'worker',
  'test',
  'test:long',
  'bench',
  'chaos',
  'youtube',
  'voices',
]);
/** Commands whose user may name files. */
const NAMES_FILES = new Set(['video', 'ytempire']);
/** Commands on the stack that may find it down, and name a file. */
const STARTS_POSTGRES = process.argv[2] === 'stack' && ['backup', 'restore'].includes(process.argv[3]);
/** Processes of a pipeline whose servers are the operator's; the command line is theirs. */
const ROLES = new Set(['worker', 'api']);
const SERVERS = ['DATABASE_URL', 'REDIS_URL', 'TEMPORAL_ADDRESS'];
/** Tests never touch a server of the operator's, nor buy anything: they get private servers, and fakes. */
const TESTS = new Set(['test', 'test:long', 'chaos']);
const OPERATORS_OWN = [
  ...['DATABASE_URL', 'REDIS_URL', 'TEMPORAL_ADDRESS', 'TEMPORAL_UI', 'TEMPORAL_NAMESPACE'],
  ...['TEMPORAL_API_KEY', 'TEMPORAL_TLS', 'TEMPORAL_TLS_CLIENT_CERT_PATH', 'TEMPORAL_TLS_CLIENT_KEY_PATH'],
  ...['TEMPORAL_TLS_SERVER_CA_CERT_PATH', 'TEMPORAL_TLS_SERVER_NAME'],
  ...['TEMPORAL_DEPLOYMENT_NAME', 'TEMPORAL_WORKER_BUILD_ID'],
  ...['OPENAI_API_KEY', 'OPENAI_BASE_URL', 'SPEECH_API_KEY', 'SPEECH_BASE_URL', 'TTS_COMMAND'],
  ...['PEXELS_API_KEY', 'PEXELS_BASE_URL', 'PRICES_FILE'],
  ...['METRICS_PORT', 'TEMPORAL_METRICS_PORT', 'OTEL_EXPORTER_OTLP_ENDPOINT', 'OTEL_EXPORTER_OTLP_HEADERS'],
];

const command = process.argv[2] ?? '';

try {
  checkMachine();
  await readSettings();
  if (ROLES.has(command)) checkServers();
  await makeReady();
} catch (error) {
  say(error instanceof SetupError ? error.message : error.stack);
  process.exit(1);
}
// npm runs scripts in the project's folder, but files are named from where its user stands.
if ((NAMES_FILES.has(command) || STARTS_POSTGRES) && process.env.INIT_CWD)
  process.chdir(process.env.INIT_CWD);
process.setSourceMapsEnabled(true);
if (ROLES.has(command)) process.argv.splice(2, 1);
const entry = ROLES.has(command) ? command : 'cli';
await import(pathToFileURL(join(root, '.build', `${entry}.js`)).href);

/** What stands in the environment goes before `.env`. */
async function readSettings() {
  // Imported late: a Node that is too old could not load it, and would not say so.
  const { loadEnvFile } = await import('./setup/env-file.mjs');
  if (TESTS.has(command)) for (const name of OPERATORS_OWN) delete process.env[name];
  else loadEnvFile(join(root, '.env'));
  process.env.DATA_DIR = resolve(root, process.env.DATA_DIR || '.data');
}

function checkServers() {
  const missing = SERVERS.filter((name) => !process.env[name]);
  if (missing.length === 0) return;
  throw new SetupError(
    `"npm run ${command}" joins servers of yours and starts none: set ${missing.join(', ')}, in the environment or in .env. "npm run up" runs all on this machine.`,
  );
}

async function makeReady() {
  const from = performance.now();
  // Most commands of "npm run ytempire" only speak to an API, which may be on another machine.
  const name = command === 'ytempire' ? (process.argv[3] ?? '') : command;
  const [tools] = await Promise.all([toolsFor(name), prepareCode()]);
  Object.assign(process.env, tools);
  if (performance.now() - from > 1_000) say(`  set-up: done in ${since(from)}`);
}

function checkMachine() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor < OLDEST_NODE[1])) {
    throw new SetupError(
      `Node ${process.versions.node} is too old: install Node ${OLDEST_NODE.join('.')} or newer.`,
    );
  }
  if (process.platform === 'win32') {
    throw new SetupError('Windows is not supported: run this inside WSL.');
  }
}

async function toolsFor(name) {
  if (name === 'doctor') return findToolsThatAreThere();
  const found = [
    NEEDS_TOOLS.has(name) || STARTS_POSTGRES ? findTools() : {},
    needsBrowser(name) ? findChromium() : {},
  ];
  return Object.assign({}, ...(await Promise.all(found)));
}

function needsBrowser(name) {
  return name === 'test' || (name === 'bench' && process.argv[3] === 'page');
}

async function prepareCode() {
  await installDependencies(root);
  if (staleParts(root).length === 0) return;
  try {
    await run(process.execPath, [join(root, 'infra/build.mjs')], { stdio: ['ignore', 'inherit', 'inherit'] });
  } catch {
    throw new SetupError('The build failed; what it says is above.');
  }
}
