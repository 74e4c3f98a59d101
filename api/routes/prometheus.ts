import type { Handler } from 'hono';
import { createScrape, showProcess } from '../../infra/metrics/scrape.ts';
import { showStored } from '../../infra/metrics/stored.ts';
import type { StreamPlaces } from '../access/stream-places.ts';
import type { ApiDeps } from '../app.ts';

/** GET /metrics: this process, and the pipeline as Postgres has it; also while that is away. */
export function prometheusRoute(deps: ApiDeps, streams: StreamPlaces): Handler {
  const { metrics } = deps;
  const scrape = createScrape(deps, [
    ...showProcess(deps),
    showStored(deps),
    async () => metrics.show('ytempire_streams_open', [[{}, streams.open]]),
  ]);
  return async (context) =>
    context.body(await scrape(), 200, { 'content-type': metrics.contentType, 'cache-control': 'no-store' });
}
