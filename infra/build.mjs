import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildPage } from './build-page.mjs';
import { staleParts } from './setup/build-state.mjs';
import { say, since } from './setup/report.mjs';
import { holding } from './setup/set-up-lock.mjs';

/** Makes `.build`: one file per process, the workflows' bundle, and the page. Only what changed is built again. */

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const out = join(root, '.build');

const PROCESSES = {
  cli: 'cli/main.ts',
  supervisor: 'infra/embedded/supervisor.ts',
  api: 'api/main.ts',
  worker: 'workers/main.ts',
  bench: 'test/bench/main.ts',
  chaos: 'test/chaos/main.ts',
  machine: 'test/support/machine.ts',
};

const WORKFLOW_SPANS = join(
  root,
  'node_modules/@temporalio/interceptors-opentelemetry/lib/workflow-interceptors',
);

const makers = {
  processes: bundleProcesses,
  workflows: bundleWorkflows,
  page: () => buildPage(root, publish),
};

await holding(join(out, 'build.lock'), buildStale).catch((error) => {
  say(error.message);
  process.exitCode = 1;
});

async function buildStale() {
  const from = performance.now();
  const stale = staleParts(root);
  if (stale.length === 0) return;
  await Promise.all(
    stale.map(async ({ name, mark, hash }) => {
      await makers[name]();
      writeFileSync(mark, hash);
    }),
  );
  say(`  building ${stale.map(({ name }) => name).join(', ')}: done in ${since(from)}`);
}

/** Shared code goes into chunks, so that a short command loads little. */
async function bundleProcesses() {
  const { build } = await import('esbuild');
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: PROCESSES,
    outdir: out,
    chunkNames: 'chunks/[name]-[hash]',
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    packages: 'external',
    sourcemap: true,
    write: false,
    logLevel: 'warning',
  });
  // Chunks first: an entry never names one that is not there. Old ones stay for the processes that run.
  const isChunk = ({ path }) => dirname(path) !== out;
  for (const file of outputFiles.filter(isChunk)) publish(file.path, file.contents);
  for (const file of outputFiles.filter((each) => !isChunk(each))) publish(file.path, file.contents);
}

function publish(path, contents) {
  mkdirSync(dirname(path), { recursive: true });
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, contents);
  renameSync(draft, path);
}

/**
 * The bundle that the worker runs in its sandbox; made ahead, since it costs seconds. Beside it the same with spans,
 * for workers that send traces.
 */
async function bundleWorkflows() {
  const { bundleWorkflowCode } = await import('@temporalio/worker');
  const quiet = { trace() {}, debug() {}, info() {}, warn: say, error: say, log() {} };
  const bundle = (workflowInterceptorModules) =>
    bundleWorkflowCode({
      workflowsPath: join(root, 'workflows/index.ts'),
      workflowInterceptorModules,
      logger: quiet,
    });
  publish(join(out, 'workflows-traced.js'), (await bundle([WORKFLOW_SPANS])).code);
  publish(join(out, 'workflows.js'), (await bundle([])).code);
}
