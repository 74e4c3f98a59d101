import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';

/**
 * Records test/fixtures/database-013.gz: the database as the code of an earlier commit left it, with open rows. Run it
 * in a clone with the whole history, with DATABASE_URL, REDIS_URL and TEMPORAL_ADDRESS set:
 * `node test/support/upgrade/record-database.mjs`.
 */

const COMMIT = '495c124c607c62c4fa9aae61da9e435243a35da8';
const FIXTURE = 'test/fixtures/database-013.gz';
const SCHEMA = 'recorded_013';

/** Runs in the tree of that commit, on its own modules. */
const OLD_ROWS = `
import { audit } from './infra/moves/audit.ts';
import { changeVideo } from './infra/moves/change.ts';
import { pauseVideo } from './infra/moves/pause.ts';
import { claim } from './infra/claim.ts';
import { hold } from './infra/holds.ts';
import { recordExternalCharge } from './infra/ledger.ts';
import { submitOrders } from './infra/orders.ts';
import { settle } from './infra/settle.ts';
import { beginRun, failRun, finishRun } from './infra/stage-records.ts';
import { migrate } from './infra/stores/postgres.ts';
import { openDeps, closeDeps } from './infra/deps.ts';
import { STAGE_NAMES } from './domain/stages.ts';
import { fakeProduct } from './test/support/fake-works.ts';
import { anOrder, registerPlaces, testConfig, testLogger } from './test/support/test-deps.ts';

const config = { ...(await testConfig()), schema: process.env.SCHEMA };
await migrate(config);
const deps = await openDeps(config, testLogger());

const order = async (prompt, more = {}, requestKey = undefined) => {
  const answer = await submitOrders(deps, [anOrder({ prompt, ...more })], { requestKey });
  if (!answer.accepted) throw new Error('refused');
  return answer.videos[0].video_id;
};
const admitted = async (id) => {
  const { rows } = await deps.pool.query('SELECT admission_no, lane FROM video_queue WHERE id = $1', [id]);
  return { video_id: id, generation: 1, ...rows[0] };
};
const begin = async (id, stage, attempt = 1) => {
  const input = await admitted(id);
  const run = { run_id: 'run-' + id, activity_id: stage, attempt };
  return { input, begun: await beginRun(deps, input, stage, run, 'old-worker') };
};
const finish = async (id, stage, amount) => {
  const { input, begun } = await begin(id, stage);
  const { result, providers } = fakeProduct(stage);
  // As long as its order: another length would be made again.
  if (stage === 'audio_synthesis') result.durationMs = 60000;
  const charge = { id: id + '/' + stage, service: 'openai', operation: stage, provider: 'openai', model: 'old',
    quantity: 1, unit: 'call', amount, key: 'run-' + id + '/' + stage + '/1/1' };
  await finishRun(deps, begun, input, stage, { result, providers, charges: [charge], inputHash: 'old', warnings: [] });
};
const take = async (id) => claim(deps, { ...(await admitted(id)), chain: 'chain-' + id });
const end = async (id, status, reason, message) => settle(deps, { ...(await admitted(id)), chain: 'chain-' + id,
  status, reason, stage: null, message });

await registerPlaces(deps, { cpu: 6 });
const ids = {};
for (const name of ['completed', 'failed', 'cancelled', 'halfway', 'paying', 'admitted']) ids[name] = await order(name);
await registerPlaces(deps, { cpu: 1 });
for (const name of ['completed', 'failed', 'cancelled', 'halfway', 'paying']) await take(ids[name]);
for (const stage of STAGE_NAMES) await finish(ids.completed, stage, 70000);
await finish(ids.failed, 'script_generation', 123457);
{
  const { input, begun } = await begin(ids.failed, 'audio_synthesis');
  await failRun(deps, begun, input, { stage: 'audio_synthesis', attempt: 1, kind: 'bug', severity: 'bug',
    message: 'it broke', at: new Date().toISOString(), next: 'the video fails' }, 'failed');
}
await finish(ids.halfway, 'script_generation', 10001);
await finish(ids.halfway, 'audio_synthesis', 20002);
{
  const { input, begun } = await begin(ids.paying, 'script_generation');
  const call = { service: 'openai', operation: 'script', provider: 'openai', model: 'old' };
  await hold(deps.pool, { video_id: ids.paying, run: begun.id, stage: 'script_generation', attempt: 1,
    key: 'run-' + ids.paying + '/script_generation/1/1', call, amount: 345678 });
}
await recordExternalCharge(deps, { video_id: ids.halfway, id: 'invoice-7', service: 'youtube_api', operation: 'fee', amount: 5 });
await end(ids.completed, 'completed', null, null);
await end(ids.failed, 'failed', 'bug', 'it broke');
await end(ids.cancelled, 'cancelled', 'operator_cancel', 'Cancelled by the operator');
ids.queued = await order('queued', {}, { owner: 'local', key: 'once' });
ids.premium = await order('premium', { complexity: 'premium', priority: 9, max_cost: 1500000 });
ids.paused = await order('paused');
await pauseVideo(deps, ids.paused, 'tester', {});
await changeVideo(deps, ids.queued, 'tester', { priority: 8, max_cost: 2500000 });
await closeDeps(deps);
`;

const tree = mkdtempSync(join(tmpdir(), 'ytempire-old-'));
try {
  execFileSync('git', ['worktree', 'add', '--detach', '--force', tree, COMMIT], { stdio: 'inherit' });
  symlinkSync(join(process.cwd(), 'node_modules'), join(tree, 'node_modules'));
  writeFileSync(join(tree, 'old-rows.ts'), OLD_ROWS);
  await run(join(tree, 'old-rows.ts'), tree);
  writeFileSync(join(tree, 'dump.ts'), dumpOf(process.cwd()));
  await run(join(tree, 'dump.ts'), process.cwd());
} finally {
  execFileSync('git', ['worktree', 'remove', '--force', tree], { stdio: 'inherit' });
  rmSync(tree, { recursive: true, force: true });
}

/** Writes the rows with the code of now, and takes the schema away. */
function dumpOf(root) {
  return `
import pg from 'pg';
import { writeBackup } from ${JSON.stringify(join(root, 'infra/backup/write-backup.ts'))};
const databaseUrl = process.env.DATABASE_URL;
console.log(await writeBackup({ databaseUrl, schema: process.env.SCHEMA }, ${JSON.stringify(FIXTURE)}));
const client = new pg.Client({ connectionString: databaseUrl });
await client.connect();
await client.query('DROP SCHEMA ' + process.env.SCHEMA + ' CASCADE');
await client.end();
`;
}

async function run(entry, cwd) {
  const outfile = join(tree, '.build', 'record.mjs');
  const options = { bundle: true, format: 'esm', platform: 'node', target: 'node20', packages: 'external' };
  await build({ ...options, entryPoints: [entry], outfile });
  execFileSync(process.execPath, [outfile], { cwd, stdio: 'inherit', env: { ...process.env, SCHEMA } });
}
