import { mkdirSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { logPlace } from './log-file.ts';
import { freePort, PREFERRED_PORTS } from './ports.ts';
import { secretIn } from './secret.ts';
import type { ServerPlace, ServerPlan, ServicePlan } from './service.ts';

const PING_MS = 1_000;

/** A Redis on 127.0.0.1 only, with a random password that stands in a private file, not on the command line. */
export async function planRedis(
  place: ServerPlace,
  server: string,
  libraries: string | undefined,
): Promise<ServerPlan> {
  const folder = join(place.dataDir, 'redis');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const password = secretIn(join(place.dataDir, 'redis.password'));
  const port = await freePort(PREFERRED_PORTS.redis);
  const settings = join(folder, 'redis.conf');
  writeFileSync(settings, settingsText(folder, port, password), { mode: 0o600 });
  const plan: ServicePlan = {
    name: 'redis',
    command: server,
    args: [settings],
    env: libraries ? { ...place.env, LD_LIBRARY_PATH: libraries } : place.env,
    cwd: folder,
    user: null,
    // Redis writes its own command line, of which the port is the only part that is ours.
    mark: String(port),
    port,
    log: logPlace(place, 'redis'),
    isReady: () => answersPing(port, password),
    readyWithinMs: 15_000,
  };
  return { plan, urls: { REDIS_URL: `redis://:${password}@127.0.0.1:${port}` } };
}

function settingsText(folder: string, port: number, password: string): string {
  return [
    `port ${port}`,
    'bind 127.0.0.1',
    `dir ${JSON.stringify(folder)}`,
    'appendonly yes',
    'save ""',
    `requirepass ${password}`,
    '',
  ].join('\n');
}

function answersPing(port: number, password: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(`AUTH ${password}\r\nPING\r\n`));
    const finish = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    let received = '';
    socket.setTimeout(PING_MS, () => finish(false));
    socket.on('error', () => finish(false));
    socket.on('close', () => finish(false));
    socket.on('data', (chunk) => {
      received += chunk;
      if (received.includes('\n') && !received.startsWith('+OK')) finish(false);
      if (received.includes('+PONG')) finish(true);
    });
  });
}
