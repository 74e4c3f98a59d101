import type { Handler } from 'hono';
import { clearGpu } from '../../infra/gpu/clear.ts';
import { readHealth } from '../../infra/views/health.ts';
import { readResources } from '../../infra/views/resources.ts';
import { callerOf } from '../access/caller.ts';
import type { ApiDeps } from '../app.ts';
import { checked, readOptionalBody } from '../read-body.ts';
import { moveRequest } from './moves.ts';

const NO_STORE = { 'cache-control': 'no-store' };

/** GET /resources/status: who works on what, on which machine. */
export function resourcesRoute(deps: ApiDeps): Handler {
  return async (context) => context.json(await readResources(deps), 200, NO_STORE);
}

/** POST /resources/clear/gpu: frees what is reserved for jobs that are gone. Asking twice is asking once. */
export function clearGpuRoute(deps: ApiDeps): Handler {
  return async (context) => {
    checked(moveRequest, await readOptionalBody(context));
    const freed = await clearGpu(deps, callerOf(context).name);
    const message = 'Graphics memory of jobs that are gone is free within 5 s; running jobs keep theirs.';
    return context.json({ status: 'cleared', message, freed });
  };
}

/** GET /health/detailed: every part with the reason of its state; 200 whatever it says. */
export function detailedHealthRoute(deps: ApiDeps): Handler {
  return async (context) => context.json(await readHealth(deps), 200, NO_STORE);
}
