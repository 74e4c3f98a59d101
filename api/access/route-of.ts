import type { Context } from 'hono';
import { routePath } from 'hono/route';
import { ROUTE_LIST } from '../openapi/routes.ts';

const PATHS = new Set(ROUTE_LIST.map(({ path }) => path));
const METHODS = new Set(['GET', 'HEAD', 'POST', 'PATCH', 'PUT', 'DELETE']);
const OTHER = 'other';

/** The route that has answered, from a small and closed set: what a caller makes up, a path or a method, is `other`. */
export function routeOf(context: Context): { method: string; route: string; status: number } {
  const path = routePath(context, -1);
  return {
    method: METHODS.has(context.req.method) ? context.req.method : OTHER,
    route: PATHS.has(path) ? path : OTHER,
    status: context.res.status,
  };
}
