import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../../infra/project-root.ts';

const USER = 'ytempire-newcomer';
/** What a newcomer's shell holds of ours: nothing of the project, of npm or of this user's caches. */
const KEPT = /^(PATH|LANG|TERM|CI|.*_PROXY|.*_proxy|SSL_.*|NODE_EXTRA_CA_CERTS|PIP_.*|.*_CA_BUNDLE)$/;

/** A normal user with an empty home and a clean clone; only the Temporal binary is shared. */
export interface Newcomer {
  clone: string;
  run(command: string, args: string[]): Promise<{ code: number; output: string }>;
  start(command: string, args: string[]): ChildProcess;
  leave(): Promise<void>;
}

export function createNewcomer(): Newcomer {
  const folder = mkdtempSync('/var/tmp/ytempire-newcomer-');
  const home = join(folder, 'home');
  const clone = join(folder, 'ytempire');
  mkdirSync(home);
  const temporal = shareTemporal(folder);
  execFileSync('git', ['clone', '--quiet', '--no-hardlinks', projectRoot, clone]);
  const user = userFor(folder);
  const start = (command: string, args: string[]) =>
    spawn(command, args, {
      cwd: clone,
      env: { ...keptEnvironment(), HOME: home, ...temporal },
      stdio: ['ignore', 'pipe', 'pipe'],
      ...user,
    });
  const run = (command: string, args: string[]) => outcomeOf(start(command, args));
  return {
    clone,
    run,
    start,
    async leave() {
      await run('npm', ['run', '--silent', 'stack', '--', 'stop']);
      if (user) execFileSync('userdel', [USER]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Our own Temporal binary, copied to where everyone may read it. */
function shareTemporal(folder: string): { TEMPORAL_CLI?: string } {
  const ours = process.env['TEMPORAL_CLI'];
  if (!ours) return {};
  const copy = join(folder, 'temporal');
  copyFileSync(ours, copy);
  chmodSync(copy, 0o755);
  return { TEMPORAL_CLI: copy };
}

/** Run by root, the folder is given to a user made for it; a normal user is already one. */
function userFor(folder: string): { uid: number; gid: number } | null {
  if (process.getuid?.() !== 0) return null;
  chmodSync(folder, 0o755);
  // A run that was killed may have left its user.
  spawnSync('userdel', [USER]);
  execFileSync('useradd', ['--no-create-home', '--home-dir', join(folder, 'home'), USER]);
  execFileSync('chown', ['--recursive', USER, folder]);
  const idOf = (flag: string) => Number(execFileSync('id', [flag, USER], { encoding: 'utf8' }));
  return { uid: idOf('-u'), gid: idOf('-g') };
}

function keptEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => KEPT.test(name)));
}

function outcomeOf(child: ChildProcess): Promise<{ code: number; output: string }> {
  let output = '';
  const keep = (chunk: Buffer) => {
    output += chunk;
    process.stdout.write(chunk);
  };
  child.stdout?.on('data', keep);
  child.stderr?.on('data', keep);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code: code ?? 1, output }));
  });
}
