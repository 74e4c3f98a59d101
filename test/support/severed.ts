import { readConfig } from '../../infra/settings/config.ts';
import { readEnv } from '../../infra/settings/env.ts';
import { startTcpProxy, type TcpProxy } from './tcp-proxy.ts';
import type { ConfigOverrides } from './test-deps.ts';

/** The servers of the environment, each behind a proxy that a test can cut. */
export interface SeverableServers {
  postgres: TcpProxy;
  redis: TcpProxy;
  temporal: TcpProxy;
  /** Leads a pipeline through the proxies. */
  config: ConfigOverrides;
  close(): Promise<void>;
}

export async function startSeverableServers(): Promise<SeverableServers> {
  const config = readConfig(readEnv());
  const [postgres, redis, temporal] = await Promise.all([
    proxyOf(config.databaseUrl),
    proxyOf(config.redisUrl),
    proxyOf(`tcp://${config.temporal.address}`),
  ]);
  return {
    postgres,
    redis,
    temporal,
    config: {
      databaseUrl: through(postgres, config.databaseUrl),
      redisUrl: through(redis, config.redisUrl),
      temporal: { address: temporal.address },
    },
    close: async () => {
      await Promise.all([postgres.close(), redis.close(), temporal.close()]);
    },
  };
}

function proxyOf(url: string): Promise<TcpProxy> {
  const { hostname, port } = new URL(url);
  return startTcpProxy(hostname, Number(port));
}

function through(proxy: TcpProxy, url: string): string {
  const led = new URL(url);
  led.host = proxy.address;
  return led.href;
}
