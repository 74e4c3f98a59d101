import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../project-root.ts';

/** Exit code of a supervisor that found the data folder owned by another. */
export const OWNED_ELSEWHERE = 3;

/** Title of the supervisor of a data folder, which is also its identity mark. */
export function supervisorTitle(dataDir: string): string {
  return `ytempire supervisor ${dataDir}`;
}

export const supervisorFile = join(projectRoot, '.build', 'supervisor.js');

/** Folder of the empty files named by the pid of each foreground `up` that holds the stack. */
export function holdersDir(dataDir: string): string {
  return join(dataDir, 'holders');
}

/** Hash of the code in `.build`: what a process that starts now would run. */
export function builtCode(): string {
  return ['processes', 'workflows'].map((part) => markOf(part)).join(' ');
}

function markOf(part: string): string {
  try {
    return readFileSync(join(projectRoot, '.build', `${part}.hash`), 'utf8');
  } catch {
    return '';
  }
}
