import { join } from 'node:path';
import { run } from './run.mjs';

/** Installs one npm package without its install scripts under `folder`; answers with the package's folder. */
export async function fetchPackage(folder, name, version) {
  const quiet = ['--ignore-scripts', '--no-audit', '--no-fund', '--no-save', '--loglevel=error'];
  await run('npm', ['install', '--prefix', folder, ...quiet, `${name}@${version}`], { cwd: folder });
  return join(folder, 'node_modules', name);
}
