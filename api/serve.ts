import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import type { Deps } from '../infra/deps.ts';
import type { Config } from '../infra/settings/config.ts';
import { isLoopback } from '../infra/settings/loopback.ts';
import { createApp } from './app.ts';
import { createUpgrades, type Upgrades } from './streams/upgrades.ts';

export interface RunningApi {
  url: string;
  /** Ends open streams, lets requests finish for up to 3 s, then frees the port. */
  stop(): Promise<void>;
}

const STOP_AFTER_MS = 3_000;
const SWEEP_MS = 25;
const SLOW_CLIENT_MS = 10_000;

interface ServeOptions {
  recheckMs?: number;
  slowReaderMs?: number;
  /** A client whose headers take longer is cut off, and three times that for its body; 10 s when left out. */
  slowClientMs?: number;
}

/**
 * Listens on config.api; port 0 takes a free one. Throws one clear line when the port is taken, and when others than
 * this machine could reach an API without keys.
 */
export async function serveApi(deps: Deps, options: ServeOptions = {}): Promise<RunningApi> {
  const { host, port } = deps.config.api;
  refuseOpenDoor(deps.config);
  const closing = new AbortController();
  const upgrades = createUpgrades();
  const app = createApp({ ...deps, ...options, upgrades, closing: closing.signal });
  const server = createAdaptorServer({
    fetch: app.fetch,
    hostname: host,
    serverOptions: timeoutsOf(options),
  }) as Server;
  upgrades.attach(server);
  server.listen(port, host);
  await once(server, 'listening').catch((error: NodeJS.ErrnoException) => {
    throw listenFailure(error, host, port);
  });
  const address = server.address() as AddressInfo;
  const name = address.family === 'IPv6' ? `[${address.address}]` : address.address;
  return { url: `http://${name}:${address.port}`, stop: () => stop(server, upgrades, closing) };
}

/** For requests only: an answer or a stream may take as long as it likes. */
function timeoutsOf({ slowClientMs = SLOW_CLIENT_MS }: ServeOptions) {
  return {
    headersTimeout: slowClientMs,
    requestTimeout: 3 * slowClientMs,
    connectionsCheckingInterval: slowClientMs / 2,
  };
}

function refuseOpenDoor({ api, access }: Config): void {
  if (access.keys.length > 0 || isLoopback(api.host)) return;
  throw new Error(
    `API_HOST is ${api.host}, which other machines can reach, and there are no keys: set API_KEYS ` +
      '("npm run ytempire -- keys new" makes one), or leave API_HOST at 127.0.0.1',
  );
}

function listenFailure(error: NodeJS.ErrnoException, host: string, port: number): Error {
  const why =
    error.code === 'EADDRINUSE' ? 'the port is taken by another program' : (error.code ?? error.message);
  return new Error(`the API cannot listen on ${host}:${port}: ${why}; set API_HOST or API_PORT`, {
    cause: error,
  });
}

async function stop(server: Server, upgrades: Upgrades, closing: AbortController): Promise<void> {
  closing.abort();
  const closed = once(server, 'close');
  server.close();
  // A connection is idle only once its stream or request has ended, which close() does not wait for.
  const sweep = setInterval(() => server.closeIdleConnections(), SWEEP_MS);
  const cut = setTimeout(() => {
    server.closeAllConnections();
    upgrades.cut();
  }, STOP_AFTER_MS);
  await closed;
  clearInterval(sweep);
  clearTimeout(cut);
}
