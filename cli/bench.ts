import { join } from 'node:path';
import { projectRoot } from '../infra/project-root.ts';
import { runInherited } from './run-inherited.ts';

/** `npm run bench -- <name>`: benchmarks run in a process of their own, built like production. */
export async function runBench(args: string[]): Promise<number> {
  return runInherited(process.execPath, [
    '--enable-source-maps',
    join(projectRoot, '.build', 'bench.js'),
    ...args,
  ]);
}
