import { randomBytes } from 'node:crypto';
import { Hono } from 'hono';
import { requestId } from 'hono/request-id';
import type { Deps } from '../infra/deps.ts';
import { type Access, identify } from './access/guard.ts';
import { securityHeaders } from './access/headers.ts';
import { limitCalls } from './access/limit-calls.ts';
import { loopbackOnly } from './access/loopback.ts';
import { createRateLimit } from './access/rate-limit.ts';
import { logRequests } from './access/request-log.ts';
import { createStreamPlaces } from './access/stream-places.ts';
import { timeRequests } from './access/time-requests.ts';
import { traceRequests } from './access/trace-requests.ts';
import { answerProblem, createErrorHandler, ProblemError } from './errors.ts';
import { mountRoutes } from './mount.ts';
import { channelStatisticsRoute, collectRoute, dailyRoute, windowRoute } from './routes/analytics.ts';
import { artifactsRoute } from './routes/artifacts.ts';
import { catalogueRoute } from './routes/catalogue.ts';
import { channelRoute, setChannelRoute } from './routes/channels.ts';
import { chargeRoute, dayCostsRoute, videoCostsRoute } from './routes/costs.ts';
import { docsRoute, openApiRoute } from './routes/docs.ts';
import { healthRoute } from './routes/health.ts';
import { mediaRoute } from './routes/media.ts';
import { metricsRoute } from './routes/metrics.ts';
import {
  cancelRoute,
  changeRoute,
  deleteRoute,
  haltRoute,
  pauseAllRoute,
  pauseRoute,
  publishRoute,
  resumeAllRoute,
  resumeRoute,
  retryRoute,
} from './routes/moves.ts';
import { pageFileRoute, pageRoute } from './routes/page.ts';
import { prometheusRoute } from './routes/prometheus.ts';
import { providersRoute, resumeProviderRoute } from './routes/providers.ts';
import { batchRoute, queueRoute } from './routes/queue.ts';
import { clearGpuRoute, detailedHealthRoute, resourcesRoute } from './routes/resources.ts';
import { endSessionRoute, sessionRoute } from './routes/session.ts';
import { statusRoute } from './routes/status.ts';
import { pipelineStreamRoute, streamRoute } from './routes/stream.ts';
import { videosRoute } from './routes/videos.ts';
import type { Upgrades } from './streams/upgrades.ts';

export interface ApiDeps extends Deps {
  /** Ends the open streams when it aborts, so that a stop need not wait for their videos. */
  closing?: AbortSignal;
  /** How often a stream re-reads its row and shows that it lives; 15 s when left out. */
  recheckMs?: number;
  /** A client that takes nothing of its stream for longer is dropped; 15 s when left out. */
  slowReaderMs?: number;
  /** Where the built page is; `.build/page` when left out. */
  pageFolder?: string;
  /** WebSockets of the server; without them every stream is Server-Sent Events. */
  upgrades?: Upgrades;
}

/** The HTTP API over the given stores; `app.request('/health')` works without a server. */
export function createApp(deps: ApiDeps): Hono {
  const app = new Hono();
  const { keys } = deps.config.access;
  const access: Access = { keys, sessionSecret: deps.secrets.session ?? randomBytes(32).toString('hex') };
  const places = createStreamPlaces();
  app.onError(createErrorHandler(deps.log));
  app.notFound((context) => answerProblem(context, new ProblemError(404, 'not_found', 'No such path.')));
  useGuards(app, deps, access);
  mountRoutes(app, {
    queue: queueRoute(deps),
    batch: batchRoute(deps),
    catalogue: catalogueRoute(deps),
    videos: videosRoute(deps),
    metrics: metricsRoute(deps),
    prometheus: prometheusRoute(deps, places),
    daily: dailyRoute(deps),
    windowMetrics: windowRoute(deps),
    channelStatistics: channelStatisticsRoute(deps),
    collect: collectRoute(deps),
    status: statusRoute(deps),
    stream: streamRoute(deps, places),
    pipelineStream: pipelineStreamRoute(deps, places),
    artifact: artifactsRoute(deps),
    cancel: cancelRoute(deps),
    pause: pauseRoute(deps),
    resume: resumeRoute(deps),
    retry: retryRoute(deps),
    publish: publishRoute(deps),
    change: changeRoute(deps),
    delete: deleteRoute(deps),
    pauseAll: pauseAllRoute(deps),
    resumeAll: resumeAllRoute(deps),
    halt: haltRoute(deps),
    videoCosts: videoCostsRoute(deps),
    charge: chargeRoute(deps),
    dayCosts: dayCostsRoute(deps),
    media: mediaRoute(deps),
    channel: channelRoute(deps),
    setChannel: setChannelRoute(deps),
    providers: providersRoute(deps),
    resumeProvider: resumeProviderRoute(deps),
    resources: resourcesRoute(deps),
    clearGpu: clearGpuRoute(deps),
    detailedHealth: detailedHealthRoute(deps),
    session: sessionRoute(access),
    endSession: endSessionRoute(),
    ...pageHandlers(deps),
    openapi: openApiRoute(),
    docs: docsRoute(),
    health: healthRoute(deps, places),
  });
  return app;
}

function pageHandlers(deps: ApiDeps) {
  const page = pageRoute(deps);
  return { overview: page, orderPage: page, videoPage: page, pageFile: pageFileRoute(deps) };
}

/** What stands before every route, in this order. */
function useGuards(app: Hono, deps: ApiDeps, access: Access): void {
  app.use(timeRequests(deps.metrics));
  app.use(traceRequests(deps.tracing));
  app.use(requestId());
  app.use(logRequests(deps.log));
  app.use(securityHeaders());
  if (access.keys.length === 0) app.use(loopbackOnly());
  app.use(identify(access));
  app.use(limitCalls(createRateLimit(deps.config.access.ratePerMinute)));
}
