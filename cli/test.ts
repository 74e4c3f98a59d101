import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { projectRoot } from '../infra/project-root.ts';
import { runInherited } from './run-inherited.ts';
import { startTestServers } from './test-servers.ts';

const PROJECTS = ['unit', 'io', 'flow', 'e2e', 'browser'];
const CHECKS = [['biome', 'ci', '.'], ['tsc'], ['tsc', '-p', 'api/page'], ['knip']];

interface Count {
  passed: number;
  failed: number;
  /** What failed and why, a line each: whoever reads the end of a long log must find it there. */
  failures: string[];
}

/** Of vitest's JSON report, what is read here. */
interface Report {
  numPassedTests: number;
  numFailedTests: number;
  testResults: {
    name: string;
    status: string;
    message: string;
    assertionResults: { status: string; fullName: string; failureMessages: string[] }[];
  }[];
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

const NONE: Count = { passed: 0, failed: 0, failures: [] };

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
  const count: Count = { passed: 0, failed: 0, failures: [] };
  for (const [tool = '', ...args] of CHECKS) {
    const from = performance.now();
    const code = await runInherited(binary(tool), args);
    const name = [tool, ...args].join(' ');
    if (code !== 0) count.failures.push(name);
    count[code === 0 ? 'passed' : 'failed']++;
    const seconds = ((performance.now() - from) / 1000).toFixed(1);
    process.stdout.write(`${name}: ${code === 0 ? 'ok' : 'FAILED'} in ${seconds} s\n`);
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
    const read: Report = JSON.parse(readFileSync(report, 'utf8'));
    const failed = Math.max(read.numFailedTests, code === 0 ? 0 : 1);
    return { passed: read.numPassedTests, failed, failures: failuresOf(read) };
  } catch {
    return { passed: 0, failed: 1, failures: ['vitest: no report'] };
  }
}

function failuresOf({ testResults }: Report): string[] {
  return testResults.flatMap(({ name, status, message, assertionResults }) => {
    const file = relative(projectRoot, name);
    const failed = assertionResults.filter((test) => test.status === 'failed');
    if (failed.length === 0 && status === 'failed') return [`${file}: ${firstLine(message)}`];
    return failed.map(({ fullName, failureMessages }) => {
      return `${file} > ${fullName}: ${firstLine(failureMessages[0] ?? '')}`;
    });
  });
}

function firstLine(text: string): string {
  return stripVTControlCharacters(text).split('\n')[0] ?? '';
}

function conclude(...counts: Count[]): number {
  const passed = counts.reduce((sum, count) => sum + count.passed, 0);
  const failed = counts.reduce((sum, count) => sum + count.failed, 0);
  const failures = counts.flatMap((count) => count.failures).map((failure) => `FAILED ${failure}\n`);
  process.stdout.write(`${failures.join('')}${passed} passed, ${failed} failed\n`);
  return failed === 0 && passed > 0 ? 0 : 1;
}

function binary(name: string): string {
  return join(projectRoot, 'node_modules', '.bin', name);
}
