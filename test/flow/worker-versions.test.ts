import { afterAll, beforeAll, expect, test } from 'vitest';
import { workflowIdOf } from '../../domain/contract.ts';
import { QUEUES } from '../../domain/stages.ts';
import type { Deps } from '../../infra/deps.ts';
import { admit } from '../../infra/queue/admission.ts';
import { submitOrder } from '../../infra/queue/orders.ts';
import { ensureSearchAttributes } from '../../infra/temporal/temporal.ts';
import { readVideo } from '../../infra/views/video-view.ts';
import type { RunningWorker } from '../../workers/parts.ts';
import { startWorkers } from '../../workers/run.ts';
import { fakeProduct, fakeWorks } from '../support/fake-works.ts';
import { anOrder, createTestDeps, type TestDeps } from '../support/test-deps.ts';
import { eventually, workflowBundle } from '../support/test-pipeline.ts';

let deps: TestDeps;
beforeAll(async () => {
  deps = await createTestDeps({ places: { cpu: 1, gpu: 1 } });
  await ensureSearchAttributes(deps.temporal, deps.config);
});
afterAll(() => deps.close());

/** Versions whose code wrote a script, in order. */
const wroteScript: string[] = [];

async function startVersion(buildId: string): Promise<RunningWorker> {
  const { config } = deps;
  const machine = { ...config.machine, id: `${config.machine.id}-${buildId}` };
  const temporal = { ...config.temporal, deployment: { name: config.schema, buildId } };
  const versioned: Deps = { ...deps, config: { ...config, machine, temporal } };
  const works = fakeWorks({
    script_generation: async () => {
      wroteScript.push(buildId);
      return fakeProduct('script_generation');
    },
  });
  return startWorkers(versioned, QUEUES, { works, workflowBundle: await workflowBundle() });
}

/** As `temporal worker deployment set-current-version` does; refused until workers of the version have polled. */
async function makeCurrent(buildId: string): Promise<void> {
  const { temporal, config } = deps;
  await eventually(
    () =>
      temporal.workflowService
        .setWorkerDeploymentCurrentVersion({
          namespace: config.temporal.namespace,
          deploymentName: config.schema,
          buildId,
          identity: 'test',
        })
        .then(() => 'current', String),
    (answer) => answer === 'current',
  );
}

async function submit(): Promise<string> {
  const answer = await submitOrder(deps, anOrder());
  if (!answer.accepted) throw new Error(answer.code);
  return answer.video_id;
}

const completed = (id: string) =>
  eventually(
    () => readVideo(deps, id),
    (video) => video?.status === 'completed',
  );

test('work goes to the current version of the workers only, and a video that waits moves over to the next one', async () => {
  const first = await startVersion('one');
  const early = await submit();
  await eventually(
    () => readVideo(deps, early),
    (video) => video?.status === 'processing',
  );
  expect(wroteScript).toEqual([]);
  await makeCurrent('one');
  await completed(early);

  await deps.pool.query('UPDATE pipeline_state SET paused = true');
  const waiting = await submit();
  await eventually(
    () => deps.temporal.workflow.getHandle(workflowIdOf(waiting)).query('status').catch(String),
    (status) => typeof status === 'object',
  );
  const second = await startVersion('two');
  await makeCurrent('two');
  await first.stop();
  await deps.pool.query('UPDATE pipeline_state SET paused = false');
  await admit(deps);
  await completed(waiting);
  await second.stop();
  expect(wroteScript).toEqual(['one', 'two']);
});
