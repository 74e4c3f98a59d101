import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { workflowIdOf } from '../../domain/contract.ts';
import { readEnv } from '../../infra/settings/env.ts';
import type { TestDeps } from './test-deps.ts';

/** What an operator does with Temporal's own tools. Both come from the environment that `npm test` makes. */

/** Runs `temporal workflow <command>` on a video's workflow; throws with what it says when it fails. */
export async function temporalWorkflow(
  { config }: TestDeps,
  command: 'cancel' | 'terminate' | 'reset',
  videoId: string,
  ...args: string[]
): Promise<void> {
  const { address, namespace } = config.temporal;
  const place = ['--address', address, '--namespace', namespace, '--workflow-id', workflowIdOf(videoId)];
  await promisify(execFile)(readEnv().TEMPORAL_CLI ?? 'temporal', ['workflow', command, ...place, ...args]);
}

/** The request that the Cancel button of Temporal's Web UI sends, with the token against foreign pages. */
export async function cancelInWebUi({ config }: TestDeps, videoId: string): Promise<void> {
  const { ui, namespace } = config.temporal;
  if (!ui) throw new Error('TEMPORAL_UI is not set');
  const page = await fetch(new URL('/api/v1/settings', ui));
  const [, token = ''] = /_csrf=([^;]+)/.exec(page.headers.get('set-cookie') ?? '') ?? [];
  const path = `/api/v1/namespaces/${namespace}/workflows/${workflowIdOf(videoId)}/cancel`;
  const answer = await fetch(new URL(path, ui), {
    method: 'POST',
    headers: { 'content-type': 'application/json', cookie: `_csrf=${token}`, 'x-csrf-token': token },
    body: JSON.stringify({ identity: 'web-ui' }),
  });
  if (!answer.ok) throw new Error(`the Web UI answered ${answer.status}: ${await answer.text()}`);
}
