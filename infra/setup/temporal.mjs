import { lookup } from 'node:dns/promises';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cached, checkedOnce } from './cache.mjs';
import { SetupError, say, since, step } from './report.mjs';
import { ask, run, which } from './run.mjs';

const VERSION = '1.5.1';
/** A CLI built with Go names no version of its own, so the server inside it is compared. */
const OLDEST_SERVER = [1, 29];
const DOWNLOAD_HOST = 'temporal.download';
const DOWNLOAD_MS = 180_000;
const GO_MODULE = `github.com/temporalio/cli/cmd/temporal@v${VERSION}`;

/** Temporal's CLI, which holds the server and the Web UI, as TEMPORAL_CLI; nothing with TEMPORAL_ADDRESS. */
export async function findTemporal() {
  if (process.env.TEMPORAL_ADDRESS) return {};
  const given = process.env.TEMPORAL_CLI;
  if (given) {
    if (await isUsable(given)) return {};
    throw new SetupError(
      `TEMPORAL_CLI=${given} can't be run or is older than server ${OLDEST_SERVER.join('.')}.`,
    );
  }
  const installed = which('temporal');
  if (installed && (await isUsable(installed))) return { TEMPORAL_CLI: installed };
  return { TEMPORAL_CLI: await cached(`temporal-${VERSION}`, obtain) };
}

function isUsable(path) {
  if (!existsSync(path)) return false;
  return checkedOnce('temporal', path, async () => {
    const server = /Server (\d+)\.(\d+)/.exec(await ask(path, ['--version']));
    if (!server) return false;
    const [major, minor] = [Number(server[1]), Number(server[2])];
    return major > OLDEST_SERVER[0] || (major === OLDEST_SERVER[0] && minor >= OLDEST_SERVER[1]);
  });
}

async function obtain(draft) {
  const refusals = [];
  for (const source of [download, buildWithGo]) {
    try {
      return await source(draft);
    } catch (error) {
      refusals.push(error.message);
    }
  }
  throw new SetupError(
    `Temporal's CLI ${VERSION} can't be had here: put "temporal" on PATH, set TEMPORAL_CLI to it, install Go 1.25 or newer, or set TEMPORAL_ADDRESS to a server of yours (${refusals.join('; ')})`,
  );
}

/** Where the download host can't be reached at all this says so within moments. */
async function download(draft) {
  const platform = `platform=${process.platform}&arch=${process.arch === 'x64' ? 'amd64' : process.arch}`;
  await lookup(DOWNLOAD_HOST).catch((error) => {
    throw new Error(`${DOWNLOAD_HOST}: ${error.code}`);
  });
  return step(`Temporal ${VERSION} (${DOWNLOAD_HOST})`, async () => {
    const url = `https://${DOWNLOAD_HOST}/cli/archive/v${VERSION}?${platform}`;
    const answer = await fetch(url, { signal: AbortSignal.timeout(DOWNLOAD_MS) });
    if (!answer.ok) throw new Error(`${DOWNLOAD_HOST} answered ${answer.status}`);
    const archive = join(draft, 'temporal.tar.gz');
    writeFileSync(archive, Buffer.from(await answer.arrayBuffer()));
    await run('tar', ['-xzf', archive, '-C', draft, 'temporal']);
    return proven(join(draft, 'temporal'));
  });
}

async function buildWithGo(draft) {
  if (!which('go')) throw new Error('no Go here');
  const from = performance.now();
  say(`  Temporal ${VERSION}: building with Go, once; this takes 2 to 8 minutes`);
  const ticker = setInterval(() => say(`  Temporal ${VERSION}: still building, ${since(from)}`), 15_000);
  try {
    await run('go', ['install', '-ldflags', '-s -w', GO_MODULE], {
      cwd: draft,
      env: { ...process.env, GOBIN: draft },
    });
  } finally {
    clearInterval(ticker);
  }
  const built = await proven(join(draft, 'temporal'));
  say(`  Temporal ${VERSION}: built in ${since(from)}`);
  return built;
}

async function proven(path) {
  if (await isUsable(path)) return path;
  throw new Error('the fetched Temporal CLI does not run');
}
