import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { DefaultLogger, Runtime } from '@temporalio/worker';
import type { StageWorks } from '../../activities/index.ts';
import { QUEUES, STAGE_NAMES, type StageName } from '../../domain/stages.ts';
import { closeDeps, openDeps } from '../../infra/deps.ts';
import { readConfig } from '../../infra/settings/config.ts';
import { readEnv } from '../../infra/settings/env.ts';
import { startWorkers } from '../../workers/run.ts';
import { fakeProduct, fakeWorks } from '../support/fake-works.ts';
import { testLogger } from '../support/test-deps.ts';

/**
 * What `npm run bench -- scale` starts as a process of its own for each machine: workers of all queues whose stages
 * take `--stage-ms` and no CPU. Ends at SIGTERM.
 */
export async function runScaleWorker(args: string[]): Promise<Record<string, unknown>> {
  const { values } = parseArgs({ args, options: { 'stage-ms': { type: 'string', default: '2000' } } });
  Runtime.install({ logger: new DefaultLogger('ERROR'), shutdownSignals: [] });
  const deps = await openDeps(readConfig(readEnv()), testLogger());
  const stopped = once(process, 'SIGTERM');
  try {
    const workers = await startWorkers(deps, QUEUES, { works: worksOf(Number(values['stage-ms'])) });
    await stopped;
    await workers.stop();
  } finally {
    await closeDeps(deps);
  }
  return {};
}

function worksOf(stageMs: number): StageWorks {
  const timed = (stage: StageName) => async () => {
    await pause(stageMs);
    return fakeProduct(stage);
  };
  return fakeWorks(Object.fromEntries(STAGE_NAMES.map((stage) => [stage, timed(stage)])));
}
