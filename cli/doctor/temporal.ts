import type { Client } from '@temporalio/client';
import type { Config } from '../../infra/settings/config.ts';
import type { Secrets } from '../../infra/settings/secrets.ts';
import { connectTemporal, searchAttributeFaults } from '../../infra/temporal/temporal.ts';
import { type Check, type Finding, fail, ok, warn } from './check.ts';
import { type Patient, UNKNOWN } from './patient.ts';

const CALL_MS = 5_000;
/** Default priority of a task is the middle of the levels: the fifth where there are ten. */
const MIDDLE_OF_TEN = '5';
const ACTIVITY_QUEUE = 2;
const DOWN = 'not looked at: Temporal is down';

/** Temporal itself, and what the workflows need of it. */
export function temporalChecks({ env, config, secrets }: Patient): Check[] {
  const mend = env.TEMPORAL_ADDRESS
    ? 'start it, or correct TEMPORAL_ADDRESS and TEMPORAL_NAMESPACE'
    : 'see "npm run stack -- logs temporal"';
  const isDown = config.temporal.address === UNKNOWN;
  const ask = (name: string, question: (client: Client, config: Config) => Promise<Finding>): Check => ({
    name,
    mend,
    run: () => withClient(config, secrets, question),
  });
  if (isDown) {
    const down = (name: string): Check => ({ name, mend, run: () => ok(DOWN) });
    return [
      { name: 'Temporal', mend, run: () => ok('down; it starts with "npm run up" or with the first video') },
      down('search attributes'),
      down('task priority'),
    ];
  }
  return [
    ask('Temporal', checkServer),
    ask('search attributes', checkAttributes),
    ask('task priority', checkPriority),
  ];
}

async function withClient(
  config: Config,
  secrets: Secrets,
  question: (client: Client, config: Config) => Promise<Finding>,
): Promise<Finding> {
  const client = await connectTemporal(config, secrets);
  try {
    return await client.withDeadline(Date.now() + CALL_MS, () => question(client, config));
  } finally {
    await client.connection.close();
  }
}

async function checkServer({ workflowService }: Client, { temporal }: Config): Promise<Finding> {
  const [{ serverVersion }] = await Promise.all([
    workflowService.getSystemInfo({}),
    workflowService.describeNamespace({ namespace: temporal.namespace }),
  ]);
  return ok(`server ${serverVersion} at ${temporal.address}, namespace ${temporal.namespace}`);
}

async function checkAttributes(client: Client, config: Config): Promise<Finding> {
  const faults = await searchAttributeFaults(client, config);
  if (faults.length === 0) return ok('all are registered with their types');
  if (faults.every((fault) => fault.endsWith('is missing'))) {
    return warn(faults.join(', '), 'a worker registers them when it starts');
  }
  return fail(faults.join(', '), 'use a namespace of its own: TEMPORAL_NAMESPACE');
}

/** Read from a queue that nobody uses: it has the server's settings and no tasks. */
async function checkPriority({ workflowService }: Client, { temporal }: Config): Promise<Finding> {
  const { statsByPriorityKey } = await workflowService.describeTaskQueue({
    namespace: temporal.namespace,
    taskQueue: { name: 'ytempire-doctor' },
    taskQueueType: ACTIVITY_QUEUE,
    reportStats: true,
  });
  const levels = Object.keys(statsByPriorityKey ?? {});
  if (levels.includes(MIDDLE_OF_TEN)) return ok('ten levels');
  return warn(
    'fewer than ten levels, so tasks that wait on one lane may run in another order than their priority',
    'start the server with matching.useNewMatcher=true, matching.priorityLevels=10 and one partition a queue',
  );
}
