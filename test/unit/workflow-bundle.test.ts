import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { expect, test } from 'vitest';
import { projectRoot } from '../../infra/project-root.ts';

const problems: string[] = [];
const logger = new DefaultLogger('ERROR', ({ message }) => problems.push(message));

test('the workflows bundle for the sandbox', async () => {
  const workflowsPath = join(projectRoot, 'workflows', 'index.ts');
  const { code } = await bundleWorkflowCode({ workflowsPath, logger });
  expect(code).toContain('produceVideo');
}, 30_000);

test('a workflow that imports node:fs does not bundle', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'ytempire-bundle-'));
  try {
    const workflowsPath = join(folder, 'index.ts');
    await writeFile(
      workflowsPath,
      "import { readFileSync } from 'node:fs';\nexport async function peek(): Promise<string> { return readFileSync('/x', 'utf8'); }\n",
    );
    await expect(bundleWorkflowCode({ workflowsPath, logger })).rejects.toThrow(
      'Webpack finished with errors',
    );
    expect(problems.join('\n')).toMatch(/node:fs/);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}, 30_000);
