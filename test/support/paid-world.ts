import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadPrices, type PriceList } from '../../infra/money/prices.ts';
import { readEnv } from '../../infra/settings/env.ts';
import { type FakeOpenAi, startFakeOpenAi } from './fakes/openai.ts';
import { paidEntries } from './fakes/paid-prices.ts';
import { type FakePexels, startFakePexels } from './fakes/pexels.ts';
import { type Processes, startProcesses } from './processes.ts';
import { type StallingProxy, startStallingProxy } from './stalling-proxy.ts';

/** Real processes on fake services that cost money, with a proxy before each of these and before Temporal. */
export interface PaidWorld {
  openai: FakeOpenAi;
  pexels: FakePexels;
  fronts: Record<'openai' | 'pexels' | 'temporal', StallingProxy>;
  /** What the services cost. */
  prices: PriceList;
  processes: Processes;
  /** kill -9 of the newest worker, with all that is under way on the proxies. */
  killWorker(): Promise<void>;
  startWorker(): void;
  close(): Promise<void>;
}

/** Pexels is free, and so could not be billed too low. */
const SEARCH_PRICE = {
  ...{ provider: 'pexels', model: 'videos', unit: 'call', price_usd: '0.002' },
  ...{ source: 'a test', read_on: '2026-11-24' },
};

export async function startPaidWorld(): Promise<PaidWorld> {
  const [openai, pexels] = await Promise.all([startFakeOpenAi(), startFakePexels()]);
  const folder = await mkdtemp(join(tmpdir(), 'ytempire-paid-'));
  const pricesFile = join(folder, 'prices.json');
  await writeFile(pricesFile, JSON.stringify([...paidEntries(), SEARCH_PRICE]));
  const fronts = {
    openai: await startStallingProxy(portOf(openai.url)),
    pexels: await startStallingProxy(portOf(pexels.url)),
    temporal: await startStallingProxy(portOf(`http://${readEnv().TEMPORAL_ADDRESS}`)),
  };
  const processes = await startProcesses({
    OPENAI_BASE_URL: `http://127.0.0.1:${fronts.openai.port}/v1`,
    OPENAI_API_KEY: 'key-of-the-test',
    PEXELS_BASE_URL: `http://127.0.0.1:${fronts.pexels.port}`,
    PEXELS_API_KEY: pexels.key,
    PRICES_FILE: pricesFile,
    TEMPORAL_ADDRESS: `127.0.0.1:${fronts.temporal.port}`,
  });
  let { worker } = processes;
  return {
    ...{ openai, pexels, fronts, processes, prices: loadPrices(pricesFile) },
    killWorker: async () => {
      const dead = once(worker, 'exit');
      worker.kill('SIGKILL');
      await dead;
      for (const front of Object.values(fronts)) front.cut();
    },
    startWorker: () => {
      worker = processes.startWorker();
    },
    close: async () => {
      await processes.close();
      await Promise.all([...Object.values(fronts), openai, pexels].map((each) => each.close()));
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function portOf(url: string): number {
  return Number(new URL(url).port);
}
