import { createHash } from 'node:crypto';
import { lstatSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SetupError, step } from './report.mjs';
import { run } from './run.mjs';
import { holding } from './set-up-lock.mjs';

const INSTALL = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];

/** Installs the packages of package-lock.json, unless node_modules holds exactly those. */
export async function installDependencies(root) {
  if (isInstalled(root)) return;
  await holding(join(root, '.build', 'install.lock'), async () => {
    if (isInstalled(root)) return;
    await step('installing packages (npm ci)', () => install(root));
    writeFileSync(markOf(root), wanted(root));
  });
}

/** Through a linked node_modules `npm ci` would empty the folder of another checkout. */
async function install(root) {
  const modules = join(root, 'node_modules');
  if (lstatSync(modules, { throwIfNoEntry: false })?.isSymbolicLink()) {
    throw new SetupError(
      `${modules} is a link to packages of another version: install there, or remove the link.`,
    );
  }
  try {
    await run('npm', INSTALL, { cwd: root });
  } catch (error) {
    throw new SetupError(`The packages can't be installed: ${error.message}`);
  }
}

function isInstalled(root) {
  try {
    return readFileSync(markOf(root), 'utf8') === wanted(root);
  } catch {
    return false;
  }
}

/** Inside node_modules, which `npm ci` deletes first: a broken install leaves no mark. */
function markOf(root) {
  return join(root, 'node_modules', '.ytempire-lock');
}

function wanted(root) {
  const lock = createHash('sha256').update(readFileSync(join(root, 'package-lock.json')));
  return `${lock.digest('hex')} ${process.platform}-${process.arch}`;
}
