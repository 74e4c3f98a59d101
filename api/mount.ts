import type { Handler, Hono, MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { MAX_BODY_BYTES } from '../domain/order-limits.ts';
import { requireScope } from './access/guard.ts';
import { jsonOnly, only } from './access/loopback.ts';
import { answerProblem, ProblemError } from './errors.ts';
import type { RouteDoc } from './openapi/route-doc.ts';
import { ROUTES, type RouteName } from './openapi/routes.ts';

/** Mounts every route of the table behind its guards, and 405 for the other methods of its path. */
export function mountRoutes(app: Hono, handlers: Record<RouteName, Handler>): void {
  for (const name of Object.keys(ROUTES) as RouteName[]) {
    const route: RouteDoc = ROUTES[name];
    app.on(route.method, [route.path], ...guardsOf(route), handlers[name]);
  }
  refuseOtherMethods(app);
}

function guardsOf(route: RouteDoc): MiddlewareHandler[] {
  return [
    ...(route.scope === 'open' ? [] : [requireScope(route.scope)]),
    ...(route.method === 'GET' ? [] : bodyGuards(route)),
  ];
}

/** A file is bounded where it is read, by what it is. */
function bodyGuards({ file }: RouteDoc): MiddlewareHandler[] {
  if (file) return [only(file)];
  return [jsonOnly(), bodyLimit({ maxSize: MAX_BODY_BYTES, onError: refuseBody })];
}

function refuseBody(): never {
  const detail = `The body is larger than ${MAX_BODY_BYTES / 1024} kB.`;
  throw new ProblemError(413, 'body_too_large', detail, { headers: { connection: 'close' } });
}

/** Hono answers a known path under another method with 404; say 405 and which methods it takes. */
function refuseOtherMethods(app: Hono): void {
  const routes: RouteDoc[] = Object.values(ROUTES);
  for (const path of new Set(routes.map((route) => route.path))) {
    const taken = routes.filter((route) => route.path === path).map((route) => route.method);
    const allow = taken.flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method])).join(', ');
    app.all(path, (context) => {
      const detail = `${context.req.method} is not for this path; it takes ${allow}.`;
      return answerProblem(
        context,
        new ProblemError(405, 'method_not_allowed', detail, { headers: { allow } }),
      );
    });
  }
}
