import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Deps } from '../infra/deps.ts';
import { isLeftBehind, processMark } from '../infra/processes/process-mark.ts';
import { workRoot } from '../infra/processes/work-root.ts';
import type { Config } from '../infra/settings/config.ts';

/** Makes the empty folder of one attempt and gives its path. `attempt` names run, activity and attempt. */
export async function makeWork(config: Config, videoId: string, attempt: string): Promise<string> {
  const folder = join(workRoot(config), await processMark(config.machine.id), videoId, attempt);
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  return folder;
}

/** Removes what attempts of a settled video left, whatever process they were of. */
export async function removeWork(config: Config, videoId: string): Promise<void> {
  const root = workRoot(config);
  for (const mark of await marksIn(root)) {
    await rm(join(root, mark, videoId), { recursive: true, force: true });
  }
}

/**
 * Removes what killed workers of this machine left: work folders and half-written artifacts, never those of a
 * living one. Called when a worker starts.
 */
export async function removeLeftWork({ config, artifacts, log }: Deps): Promise<void> {
  const root = workRoot(config);
  let workers = 0;
  for (const mark of await marksIn(root)) {
    if (!(await isLeftBehind(mark, config.machine.id))) continue;
    await rm(join(root, mark), { recursive: true, force: true });
    workers += 1;
  }
  const parts = await artifacts.removeParts();
  if (workers + parts > 0) log.info({ workers, parts }, 'removed what killed workers have left');
}

async function marksIn(root: string): Promise<string[]> {
  return readdir(root).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
}
