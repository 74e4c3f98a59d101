import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { STAGES } from '../../domain/stages.ts';
import { projectRoot } from '../project-root.ts';

const HASH_CHARS = 12;

/** Hash of the stage table: two workers may serve one queue only when theirs are the same. */
export const STAGE_TABLE = createHash('sha256')
  .update(JSON.stringify(STAGES))
  .digest('hex')
  .slice(0, HASH_CHARS);

/** Version of the code that runs: the package's, with the beginning of the build's hash where there is a build. */
export function codeVersion(): string {
  const { version } = JSON.parse(readFileSync(join(projectRoot, 'package.json'), 'utf8')) as {
    version: string;
  };
  const build = join(projectRoot, '.build', 'processes.hash');
  return existsSync(build) ? `${version}+${readFileSync(build, 'utf8').slice(0, HASH_CHARS)}` : version;
}
