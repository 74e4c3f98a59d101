import { afterAll, afterEach, expect, test } from 'vitest';
import { serveApi } from '../../../api/serve.ts';
import { useKey } from '../../../cli/client/http.ts';
import { newApiKey, parseApiKeys } from '../../../infra/settings/api-keys.ts';
import { orderDeepSea } from '../../support/order-video.ts';
import { endRow, publishAll } from '../../support/scripted-video.ts';
import { tempFolders } from '../../support/temp-folders.ts';
import { createTestDeps } from '../../support/test-deps.ts';

const deps = await createTestDeps();
const { key, entry } = newApiKey('cli', 'submit+read');
const access = { ...deps.config.access, keys: parseApiKeys(entry) };
const config = { ...deps.config, access, api: { host: '127.0.0.1', port: 0 } };
const api = await serveApi({ ...deps, config }, { recheckMs: 100 });
const out = tempFolders('video-key-')();

afterEach(() => useKey(undefined));
afterAll(async () => {
  await api.stop();
  await deps.close();
});

test('without its key the command is told that one is needed', async () => {
  const { terminal, ending } = orderDeepSea(api, out);
  expect(await ending).toBe(2);
  expect(terminal.errors).toEqual([expect.stringMatching(/key/)]);
});

test('with its key it orders and watches, and the key is in nothing that it says', async () => {
  useKey(key);
  const { terminal, ending } = orderDeepSea(api, out);
  const queued = () => deps.pool.query<{ id: string }>('SELECT id FROM video_queue');
  await expect.poll(async () => (await queued()).rows.length).toBe(1);
  const id = (await queued()).rows[0]?.id ?? '';
  await endRow(deps, id, { status: 'cancelled', reason: 'operator_cancel', cost: '0.000000' });
  await publishAll(deps, [
    { type: 'video.cancelled', video_id: id, reason: 'operator_cancel', stage: null, cost: 0 },
  ]);
  expect(await ending).toBe(1);
  expect(terminal.errors.join() + terminal.out).not.toContain(key);
});
