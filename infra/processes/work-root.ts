import { join } from 'node:path';
import type { Config } from '../settings/config.ts';

/** Scratch of all processes, a folder each. It lies beside the artifact store, so that publishing is a rename on one file system. */
export function workRoot(config: Pick<Config, 'artifactsDir'>): string {
  return join(config.artifactsDir, '..', 'work');
}
