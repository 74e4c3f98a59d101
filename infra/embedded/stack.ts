import type { Logger } from '../logger.ts';
import type { Env } from '../settings/env.ts';
import { Keeper } from './keeper.ts';
import { type StackLock, writeLock } from './lock-file.ts';
import { freePort, PREFERRED_PORTS } from './ports.ts';
import { planApi, planWorker } from './processes.ts';
import { entriesOf, startServers } from './servers.ts';
import type { ServerUrls, ServicePlan } from './service.ts';

const API_ATTEMPTS = 3;

export interface StackOptions {
  dataDir: string;
  settings: Env;
  env: NodeJS.ProcessEnv;
  /** Kept up to date with what runs. */
  lock: StackLock;
  log: Logger;
}

export interface Stack {
  /** The API's URL, once it answers and the worker runs. */
  ready: Promise<string>;
  urls(): Partial<ServerUrls>;
  /** Workers, then the API, then the servers. */
  stop(): Promise<void>;
}

/** Starts the servers, and the API and the worker as soon as what each needs is there. */
export function startStack(options: StackOptions): Stack {
  const { dataDir, lock, log } = options;
  const processes: Record<string, Keeper> = {};
  const stopping = new AbortController();
  const onLoss = (name: string, reason: string) =>
    log.warn({ service: name, reason }, 'lost; starting it again');
  const servers = startServers({ ...options, throwaway: false, onChange: save, onLoss });

  function save(): void {
    const { urls } = servers;
    lock.postgres = urls.DATABASE_URL ?? null;
    lock.redis = urls.REDIS_URL ?? null;
    lock.temporal = urls.TEMPORAL_ADDRESS ?? null;
    lock.temporal_ui = urls.TEMPORAL_UI ?? null;
    lock.services = { ...servers.entries(), ...entriesOf(processes) };
    writeLock(dataDir, lock);
  }

  async function keep(name: string, attempts: number, plan: () => Promise<ServicePlan>): Promise<void> {
    stopping.signal.throwIfAborted();
    const lost = (reason: string) => onLoss(name, reason);
    processes[name] = new Keeper({ plan, attempts, onChange: save, onLoss: lost });
    await processes[name].start();
  }

  const place = (more: NodeJS.ProcessEnv) => ({
    dataDir,
    env: { ...options.env, DATA_DIR: dataDir, ...servers.urls, ...more },
  });

  async function run(): Promise<string> {
    let url = '';
    const api = servers.storesReady.then(() =>
      keep('api', API_ATTEMPTS, async () => {
        const port = await freePort(options.settings.API_PORT ?? PREFERRED_PORTS.api);
        url = `http://127.0.0.1:${port}`;
        return planApi(place({ API_PORT: String(port) }), port, url);
      }),
    );
    const worker = Promise.all([servers.storesReady, servers.temporalReady]).then(() =>
      keep('worker', 1, async () => planWorker(place({}))),
    );
    await Promise.all([api, worker]);
    lock.api = url;
    save();
    return url;
  }

  return {
    ready: run(),
    urls: () => servers.urls,
    async stop() {
      stopping.abort(new Error('stopped while it started'));
      lock.api = null;
      await processes['worker']?.stop();
      await processes['api']?.stop();
      await servers.stop();
    },
  };
}
