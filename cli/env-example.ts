import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../infra/project-root.ts';
import { envExample } from '../infra/settings/env-example.ts';

/** `npm run ytempire env-example`: writes `.env.example` anew from the table of variables. */
export function writeEnvExample(): number {
  writeFileSync(join(projectRoot, '.env.example'), envExample());
  return 0;
}
