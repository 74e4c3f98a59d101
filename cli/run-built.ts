import { join } from 'node:path';
import { projectRoot } from '../infra/project-root.ts';
import { runInherited } from './run-inherited.ts';

/** Benchmarks and chaos run in a process of their own, built like production. */
export async function runBuilt(name: 'bench' | 'chaos', args: string[]): Promise<number> {
  const file = join(projectRoot, '.build', `${name}.js`);
  return runInherited(process.execPath, ['--enable-source-maps', file, ...args]);
}
