import type { Handler } from 'hono';
import type { ApiDeps } from '../app.ts';
import { catalogueOf } from '../catalogue.ts';

/** GET /catalogue: the names that an order may give. */
export function catalogueRoute(deps: ApiDeps): Handler {
  return async (context) => context.json(await catalogueOf(deps), 200, { 'cache-control': 'no-store' });
}
