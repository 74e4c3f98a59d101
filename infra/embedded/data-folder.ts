import { readdirSync } from 'node:fs';

/** What a stack makes in its data folder; beside them lie lock.json and its passing copies. */
const OWN = new Set([
  'artifact-cache',
  'artifacts',
  'children',
  'holders',
  'logs',
  'postgres',
  'postgres.password',
  'redis',
  'redis.password',
  'temporal',
  'work',
  'worker.ready',
  'youtube-token.key',
]);

/** Names in a data folder that no stack has made: with a wrong DATA_DIR, somebody's files. */
export function strangersIn(dataDir: string): string[] {
  return namesIn(dataDir).filter((name) => !OWN.has(name) && !name.startsWith('lock.json'));
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
