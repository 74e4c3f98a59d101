import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Deps } from '../deps.ts';
import { isLoopback } from '../settings/loopback.ts';
import { createScrape, showProcess } from './scrape.ts';

const SLOW_CLIENT_MS = 10_000;

/** What a worker shows to Prometheus. */
export interface MetricsListener {
  url: string;
  close(): Promise<void>;
}

/** Listens on config.metrics, without any access control. Throws one clear line when the port is taken. */
export async function listenForScrapes(deps: Deps, port: number): Promise<MetricsListener> {
  const { host } = deps.config.metrics;
  const server = createServer({ requestTimeout: SLOW_CLIENT_MS }, answerScrapes(deps));
  server.listen(port, host);
  await once(server, 'listening').catch((error: NodeJS.ErrnoException) => {
    const why = error.code === 'EADDRINUSE' ? 'the port is taken by another program' : error.message;
    throw new Error(`metrics cannot be shown on ${host}:${port}: ${why}; set METRICS_PORT`, { cause: error });
  });
  const bound = server.address() as AddressInfo;
  const name = bound.family === 'IPv6' ? `[${bound.address}]` : bound.address;
  return { url: `http://${name}:${bound.port}/metrics`, close: () => close(server) };
}

function answerScrapes(deps: Deps): RequestListener {
  const scrape = createScrape(deps, showProcess(deps));
  const isOurs = isLoopback(deps.config.metrics.host) ? isLoopback : () => true;
  return (request, response) => {
    // A web page may give a name of its own to this address, and would read what it answers.
    if (!isOurs((request.headers.host ?? '').replace(/:\d+$/, ''))) {
      response.writeHead(403).end();
      return;
    }
    if (request.method !== 'GET' || request.url !== '/metrics') {
      response.writeHead(404).end();
      return;
    }
    scrape().then(
      (text) => response.writeHead(200, { 'content-type': deps.metrics.contentType }).end(text),
      (error: unknown) => {
        deps.log.warn({ err: error }, 'the metrics were not shown');
        response.writeHead(500).end();
      },
    );
  };
}

async function close(server: Server): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await closed;
}
