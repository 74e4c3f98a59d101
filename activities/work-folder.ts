import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from '../infra/config.ts';

/** Makes the empty folder of one attempt and gives its path. `attempt` names run, activity and attempt. */
export async function makeWork(config: Config, videoId: string, attempt: string): Promise<string> {
  const folder = join(workOf(config, videoId), attempt);
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  return folder;
}

/** Removes what attempts of a settled video left, such as the folder of a killed worker. */
export async function removeWork(config: Config, videoId: string): Promise<void> {
  await rm(workOf(config, videoId), { recursive: true, force: true });
}

/** Beside the artifact store, so that publishing is a rename on one file system. */
function workOf(config: Config, videoId: string): string {
  return join(config.artifactsDir, '..', 'work', videoId);
}
