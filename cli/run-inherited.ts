import { spawn } from 'node:child_process';
import { projectRoot } from '../infra/project-root.ts';
import { childEnvironment } from '../infra/settings/env.ts';

/** Runs a program in this terminal and answers with its exit code. */
export function runInherited(command: string, args: string[], env: NodeJS.ProcessEnv = {}): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: projectRoot,
      env: { ...childEnvironment, ...env },
      stdio: 'inherit',
    });
    child.on('error', reject);
    child.on('exit', (code) => resolve(code ?? 1));
  });
}
