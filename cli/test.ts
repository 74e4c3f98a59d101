import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../infra/project-root.ts';
import { runInherited } from './run-inherited.ts';
import { startTestServers } from './test-servers.ts';

const PROJECTS = ['unit', 'io', 'flow', 'e2e', 'browser'];
const CHECKS = [['biome', 'ci', '.'], ['tsc'], ['tsc', '-p', 'api/page'], ['knip']];

interface Count {
  passed: number;
  failed: number;
}

/**
 * `npm test`: the checks, then every test on private servers with free ports and a temporary data folder.
 * Arguments go to vitest and leave the checks out. Ends with "N passed, N failed".
 */
export function runTests(args: string[]): Promise<number> {
  return runOnServers(projectsOf(args), args, args.length > 0 ? async () => NONE : runChecks);
}

/** `npm run test:long`: minutes-long tests, on private servers as well or on stacks of their own. */
export function runLongTests(args: string[]): Promise<number> {
  return runOnServers(['long'], args, async () => NONE);
}

const NONE: Count = { passed: 0, failed: 0 };

/** The checks run while the servers start. */
async function runOnServers(
  projects: string[],
  args: string[],
  check: () => Promise<Count>,
): Promise<number> {
  const { dataDir, servers, stop } = await startTestServers();
  try {
    const checks = await check();
    await Promise.all([servers.storesReady, servers.temporalReady]);
    const env = { DATA_DIR: dataDir, ...servers.urls };
    return conclude(checks, await runVitest(projects, args, dataDir, env));
  } finally {
    await stop();
  }
}

async function runChecks(): Promise<Count> {
  const count = { passed: 0, failed: 0 };
  for (const [tool = '', ...args] of CHECKS) {
    const from = performance.now();
    const code = await runInherited(binary(tool), args);
    count[code === 0 ? 'passed' : 'failed']++;
    process.stdout.write(
      `${[tool, ...args].join(' ')}: ${code === 0 ? 'ok' : 'FAILED'} in ${((performance.now() - from) / 1000).toFixed(1)} s\n`,
    );
  }
  return count;
}

function projectsOf(args: string[]): string[] {
  return args.includes('--project') || args.some((arg) => arg.startsWith('--project=')) ? [] : PROJECTS;
}

async function runVitest(
  projects: string[],
  args: string[],
  folder: string,
  env: NodeJS.ProcessEnv,
): Promise<Count> {
  const report = join(folder, 'vitest.json');
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  const chosen = projects.flatMap((project) => ['--project', project]);
  const code = await runInherited(binary('vitest'), ['run', ...chosen, ...reporters, ...args], env);
  return countOf(report, code);
}

/** A run that failed outside of any test (a file that does not load) counts as one failure. */
function countOf(report: string, code: number): Count {
  try {
    const { numPassedTests, numFailedTests } = JSON.parse(readFileSync(report, 'utf8'));
    return { passed: numPassedTests, failed: Math.max(numFailedTests, code === 0 ? 0 : 1) };
  } catch {
    return { passed: 0, failed: 1 };
  }
}

function conclude(...counts: Count[]): number {
  const passed = counts.reduce((sum, count) => sum + count.passed, 0);
  const failed = counts.reduce((sum, count) => sum + count.failed, 0);
  process.stdout.write(`${passed} passed, ${failed} failed\n`);
  return failed === 0 && passed > 0 ? 0 : 1;
}

function binary(name: string): string {
  return join(projectRoot, 'node_modules', '.bin', name);
}
