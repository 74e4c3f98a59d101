import type { Context, Handler } from 'hono';
import { listProviders, resumeProvider } from '../../infra/providers/registry.ts';
import { callerOf } from '../access/caller.ts';
import type { ApiDeps } from '../app.ts';
import { ProblemError } from '../errors.ts';
import { checked, readOptionalBody } from '../read-body.ts';
import { moveRequest } from './moves.ts';

/** GET /providers: the gate of each service that the workers use. */
export function providersRoute(deps: ApiDeps): Handler {
  return async (context) => context.json(await listProviders(deps));
}

/** POST /providers/{name}/resume: opens its gate; what waits for it is admitted. Asking twice is asking once. */
export function resumeProviderRoute(deps: ApiDeps): Handler {
  return async (context) => {
    const name = nameOf(context);
    checked(moveRequest, await readOptionalBody(context));
    const provider = await resumeProvider(deps, name, callerOf(context).name);
    if (!provider) throw noSuchProvider();
    return context.json(provider);
  };
}

function nameOf(context: Context): string {
  const name = context.req.param('provider') ?? '';
  if (!/^[a-z-]{1,40}$/.test(name)) throw noSuchProvider();
  return name;
}

function noSuchProvider(): ProblemError {
  return new ProblemError(404, 'provider_not_found', 'No provider has this name; GET /providers lists them.');
}
