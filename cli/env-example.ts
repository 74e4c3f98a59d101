import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../infra/project-root.ts';
import { configurationPage } from '../infra/settings/configuration-page.ts';
import { envExample } from '../infra/settings/env-example.ts';

/** `npm run ytempire env-example`: writes `.env.example` and docs/configuration.md anew from the table of variables. */
export function writeEnvExample(): number {
  writeFileSync(join(projectRoot, '.env.example'), envExample());
  writeFileSync(join(projectRoot, 'docs/configuration.md'), configurationPage());
  return 0;
}
