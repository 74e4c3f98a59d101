import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { MAX_BODY_BYTES } from '../domain/order-limits.ts';
import type { Deps } from '../infra/deps.ts';
import { answerProblem, createErrorHandler, ProblemError } from './errors.ts';
import { isLoopback, jsonOnly, loopbackOnly } from './loopback.ts';
import { artifactsRoute } from './routes/artifacts.ts';
import { healthRoute } from './routes/health.ts';
import { queueRoute } from './routes/queue.ts';
import { statusRoute } from './routes/status.ts';
import { streamRoute } from './routes/stream.ts';

export interface ApiDeps extends Deps {
  /** Ends the open streams when it aborts, so that a stop need not wait for their videos. */
  closing?: AbortSignal;
  /** How often a stream re-reads its row and shows that it lives; 15 s when left out. */
  recheckMs?: number;
}

/** State of one running API: who is watching right now. */
export interface Watchers {
  count: number;
}

/** The HTTP API over the given stores; `app.request('/health')` works without a server. */
export function createApp(deps: ApiDeps): Hono {
  const app = new Hono();
  const watchers: Watchers = { count: 0 };
  app.onError(createErrorHandler(deps.log));
  app.notFound((context) => answerProblem(context, new ProblemError(404, 'not_found', 'No such path.')));
  if (isLoopback(deps.config.api.host)) app.use(loopbackOnly());
  app.use(jsonOnly());
  app.use(bodyLimit({ maxSize: MAX_BODY_BYTES, onError: refuseBody }));

  app.post('/pipeline/queue', queueRoute(deps));
  app.get('/pipeline/status/:id', statusRoute(deps));
  app.get('/pipeline/stream/:id', streamRoute(deps, watchers));
  app.get('/pipeline/videos/:id/artifacts/:name', artifactsRoute(deps));
  app.get('/health', healthRoute(deps, watchers));
  refuseOtherMethods(app);
  return app;
}

function refuseBody(): never {
  const detail = `The body is larger than ${MAX_BODY_BYTES / 1024} kB.`;
  throw new ProblemError(413, 'body_too_large', detail, { headers: { connection: 'close' } });
}

/** Hono answers a known path under another method with 404; say 405 and which method it takes. */
function refuseOtherMethods(app: Hono): void {
  for (const { path, method } of app.routes.filter((route) => route.method !== 'ALL')) {
    const allow = method === 'GET' ? 'GET, HEAD' : method;
    app.all(path, (context) => {
      const detail = `${context.req.method} is not for this path; it takes ${allow}.`;
      return answerProblem(
        context,
        new ProblemError(405, 'method_not_allowed', detail, { headers: { allow } }),
      );
    });
  }
}
