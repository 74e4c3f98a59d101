import { afterAll } from 'vitest';
import { type RunningApi, serveApi } from '../../api/serve.ts';
import type { TestDeps } from './test-deps.ts';

/** An API of a test file's own, on a free port; it ends with the file, and the file's servers after it. */
export async function serveApiFor(deps: TestDeps): Promise<RunningApi> {
  const api = await serveApi({
    ...deps,
    config: { ...deps.config, api: { host: '127.0.0.1', port: 0 } },
  });
  afterAll(async () => {
    await api.stop();
    await deps.close();
  });
  return api;
}
