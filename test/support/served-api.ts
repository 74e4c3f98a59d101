import { afterAll } from 'vitest';
import { type RunningApi, serveApi } from '../../api/serve.ts';
import type { Deps } from '../../infra/deps.ts';
import type { TestDeps } from './test-deps.ts';
import { eventually } from './test-pipeline.ts';

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

/** An API where another one was: when another socket has the port for a moment, it is tried again. */
export function serveAgain(deps: Deps, url: string): Promise<RunningApi> {
  const api = { host: '127.0.0.1', port: Number(new URL(url).port) };
  return eventually(
    () =>
      serveApi({ ...deps, config: { ...deps.config, api } }).catch((error: Error) => {
        if (!error.message.includes('is taken')) throw error;
        return null;
      }),
    (served) => served !== null,
  );
}
