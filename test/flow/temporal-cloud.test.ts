import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { msToTs } from '@temporalio/common/lib/time.js';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { SEARCH_ATTRIBUTES } from '../../domain/contract.ts';
import { QUEUES } from '../../domain/stages.ts';
import { closeDeps, openDeps } from '../../infra/deps.ts';
import { submitOrder } from '../../infra/queue/orders.ts';
import type { Config } from '../../infra/settings/config.ts';
import { readEnv } from '../../infra/settings/env.ts';
import { createHide } from '../../infra/settings/hide-secrets.ts';
import { NO_SECRETS } from '../../infra/settings/secrets.ts';
import {
  connectTemporal,
  ensureSearchAttributes,
  searchAttributeFaults,
} from '../../infra/temporal/temporal.ts';
import { readVideo } from '../../infra/views/video-view.ts';
import { startWorkers } from '../../workers/run.ts';
import { type Certificate, createAuthority } from '../support/certificates.ts';
import { fakeWorks } from '../support/fake-works.ts';
import { tempFolders } from '../support/temp-folders.ts';
import { startTemporalGate, type TemporalGate } from '../support/temporal-gate.ts';
import { anOrder, createTestDeps, type TestDeps, testLogger } from '../support/test-deps.ts';
import { eventually, workflowBundle } from '../support/test-pipeline.ts';

const NAME = 'farm.a1b2c.tmprl.example';
const KEY = 'canary-temporal-key';
const SECRETS = { ...NO_SECRETS, temporal: KEY };

const folder = tempFolders('ytempire-test-tls-')();
const authority = createAuthority('servers');
const clients = createAuthority('clients');
const stranger = createAuthority('strangers');

const file = (name: string, content: string) => {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
};
const pair = (name: string, { cert, key }: Certificate) => ({
  certificate: file(`${name}.pem`, cert),
  key: file(`${name}.key`, key),
});

type Tls = NonNullable<Config['temporal']['tls']>;
const KNOWN: Tls = {
  serverName: NAME,
  serverCa: file('ca.pem', authority.cert),
  client: pair('client', clients.issue('farm')),
};

let plain: TestDeps;
let gate: TemporalGate;
beforeAll(async () => {
  gate = await startTemporalGate(readEnv().TEMPORAL_ADDRESS ?? '', authority.issue(NAME), clients);
  plain = await createTestDeps({ times: { shutdownGraceMs: 0 } });
  await ensureSearchAttributes(plain.temporal, plain.config);
});
afterAll(async () => {
  await plain.close();
  await gate.close();
});

function through(tls: Tls): Config {
  return { ...plain.config, temporal: { ...plain.config.temporal, address: gate.address, tls } };
}

const methodOf = ({ path }: TemporalGate['calls'][number]) => path.split('/').at(-1);

test('a video is made over an encrypted connection that shows a client certificate and the API key', async () => {
  const deps = await openDeps(through(KNOWN), testLogger(), SECRETS);
  const setup = { works: fakeWorks(), workflowBundle: await workflowBundle() };
  await ensureSearchAttributes(deps.temporal, deps.config);
  const workers = await startWorkers(deps, QUEUES, setup);
  const answer = await submitOrder(deps, anOrder());
  if (!answer.accepted) throw new Error(answer.code);
  await eventually(
    () => readVideo(deps, answer.video_id),
    (video) => video?.status === 'completed',
  );
  await workers.stop();
  await closeDeps(deps);

  const methods = gate.calls.map(methodOf);
  expect(methods).toContain('GetSystemInfo');
  expect(methods).toContain('SignalWithStartWorkflowExecution');
  expect(methods).toContain('PollWorkflowTaskQueue');
  expect(new Set(gate.calls.map(({ authorization }) => authorization))).toEqual(new Set([`Bearer ${KEY}`]));
  expect(createHide(SECRETS, [])(`refused: Bearer ${KEY}`)).toBe('refused: Bearer ***');
});

test.each<[string, Partial<Tls>]>([
  ['another authority for the server', { serverCa: file('other.pem', stranger.cert) }],
  ['another name of the server', { serverName: 'elsewhere.example' }],
  ['no certificate of our own', { client: null }],
  ['a certificate of a stranger', { client: pair('stranger', stranger.issue('farm')) }],
])('with %s neither a client nor a worker gets in', async (_what, change) => {
  const before = gate.calls.length;
  const deps = await openDeps(through({ ...KNOWN, ...change }), testLogger(), SECRETS);
  const { workflowService } = deps.temporal;
  await expect(
    deps.temporal.withDeadline(Date.now() + 2_000, () => workflowService.getSystemInfo({})),
  ).rejects.toThrow();
  await expect(startWorkers(deps, ['io'], { works: fakeWorks() })).rejects.toThrow();
  await closeDeps(deps);
  // The first call of every client and worker; workers of another test may still be leaving.
  expect(gate.calls.slice(before).map(methodOf)).not.toContain('GetSystemInfo');
});

test('a certificate that is not there is named before anything is tried', async () => {
  const serverCa = join(folder, 'nowhere.pem');
  await expect(connectTemporal(through({ ...KNOWN, serverCa }), SECRETS)).rejects.toThrow(
    `TEMPORAL_TLS_SERVER_CA_CERT_PATH: ${serverCa} can't be read (ENOENT)`,
  );
});

test('where we may not register search attributes, a namespace that has them will do, and the commands are told for one that lacks them', async () => {
  const config = through(KNOWN);
  const client = await connectTemporal(config, SECRETS);
  expect(await searchAttributeFaults(client, config)).toEqual([]);

  const namespace = `lacking-${plain.config.machine.id}`;
  await plain.temporal.workflowService.registerNamespace({
    namespace,
    workflowExecutionRetentionPeriod: msToTs('1 day'),
  });
  const bare = { ...config, temporal: { ...config.temporal, namespace } };
  const ensured = () => ensureSearchAttributes(client, bare).then(String, (error: Error) => error.message);
  const told = await eventually(ensured, (message) => message.includes('lacks the search attributes'));
  for (const name of Object.keys(SEARCH_ATTRIBUTES)) expect(told).toContain(`--search-attribute ${name}=`);
  expect(told).toContain(`tcld namespace search-attributes add --namespace ${namespace}`);
  expect(told).toContain('--name Priority --type Int');
  expect((await searchAttributeFaults(client, bare)).sort()).toEqual(
    Object.keys(SEARCH_ATTRIBUTES)
      .map((name) => `${name} is missing`)
      .sort(),
  );
  await client.connection.close();
});
