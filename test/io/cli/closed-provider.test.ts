import { afterAll, beforeEach, expect, test } from 'vitest';
import { serveApi } from '../../../api/serve.ts';
import { orderDeepSea } from '../../support/order-video.ts';
import { tempFolders } from '../../support/temp-folders.ts';
import { createTestDeps } from '../../support/test-deps.ts';

const deps = await createTestDeps();
const config = { ...deps.config, api: { host: '127.0.0.1', port: 0 } };
const api = await serveApi({ ...deps, config }, { recheckMs: 50 });
const out = tempFolders('video-closed-')();

afterAll(async () => {
  await api.stop();
  await deps.close();
});

beforeEach(() => deps.pool.query('DELETE FROM provider_state'));

test('the command ends with 3 when a service is closed until it is resumed, and names what to mend', async () => {
  await deps.pool.query(
    `INSERT INTO provider_state (name, kind, state, reason) VALUES ('openai-chat', 'llm', 'closed', 'no balance')`,
  );
  const { terminal, ending } = orderDeepSea(api, out);
  expect(await ending).toBe(3);
  expect(terminal.errors).toEqual([
    expect.stringMatching(/openai-chat is closed: no balance; then POST \S+\/providers\/openai-chat\/resume/),
  ]);
});

test('the command goes on watching through an outage, which ends by itself', async () => {
  await deps.pool.query(
    `INSERT INTO provider_state (name, kind, state, reason, closed_until)
     VALUES ('openai-chat', 'llm', 'closed', 'no answer', clock_timestamp() + interval '1 hour')`,
  );
  const { terminal, ending } = orderDeepSea(api, out);
  await expect.poll(() => terminal.out).toMatch(/queued/);
  await deps.pool.query('UPDATE pipeline_state SET paused = true');
  expect(await ending).toBe(3);
  expect(terminal.errors).toEqual([expect.stringMatching(/production is paused/)]);
});
