import { once } from 'node:events';
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type RequestListener,
  type ServerResponse,
} from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { TLSSocket } from 'node:tls';
import type { Certificate } from '../certificates.ts';

/** What the receiver does instead of answering 200. */
export type ReceiverAnswer =
  | { status: number; headers?: Record<string, string> }
  /** Never answers. */
  | 'hang'
  /** Reads the message and breaks the connection: whether it has arrived is not known to the sender. */
  | 'lost'
  /** Status 200 and a body without end. */
  | 'giant'
  /** Status 200 and a body of which nothing more comes. */
  | 'drip';

export interface Delivery {
  path: string;
  headers: IncomingHttpHeaders;
  body: string;
  /** The name that the sender asked for in TLS. */
  serverName: string | false | null;
}

export interface WebhookReceiver {
  /** http(s)://127.0.0.1:port, or the name that was asked for. */
  url: string;
  /** host:port, as WEBHOOK_HOSTS names it. */
  host: string;
  deliveries: Delivery[];
  /** Bytes that the receiver has written to the last sender. */
  written(): number;
  /** The next answers, in order. */
  script(...answers: ReceiverAnswer[]): void;
  forget(): void;
  close(): Promise<void>;
}

const CHUNK = Buffer.alloc(64 * 1024, 'x');

/** A receiver of webhooks on loopback; with a certificate it speaks TLS. */
export async function startWebhookReceiver(
  certificate: Certificate | null = null,
  name = '127.0.0.1',
): Promise<WebhookReceiver> {
  const deliveries: Delivery[] = [];
  const scripted: ReceiverAnswer[] = [];
  let last: ServerResponse | null = null;
  const listener: RequestListener = (request, response) => {
    last = response;
    void take(request, response);
  };
  const take = async (request: IncomingMessage, response: ServerResponse) => {
    const { url: path = '', headers } = request;
    const serverName = (request.socket as Partial<TLSSocket>).servername ?? null;
    deliveries.push({ path, headers, body: await text(request), serverName });
    answer(response, scripted.shift() ?? { status: 200 });
  };
  const server = certificate
    ? createSecureServer({ cert: certificate.cert, key: certificate.key }, listener)
    : createServer(listener);
  server.on('tlsClientError', () => undefined);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const host = `${name}:${(server.address() as AddressInfo).port}`;
  return {
    url: `${certificate ? 'https' : 'http'}://${host}`,
    host,
    deliveries,
    written: () => last?.socket?.bytesWritten ?? 0,
    script: (...answers) => void scripted.push(...answers),
    forget: () => {
      deliveries.length = 0;
      scripted.length = 0;
    },
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function answer(response: ServerResponse, wanted: ReceiverAnswer): void {
  if (wanted === 'hang') return;
  if (wanted === 'lost') response.destroy();
  else if (typeof wanted === 'object') response.writeHead(wanted.status, wanted.headers).end('no matter');
  else {
    response.writeHead(200).write('a beginning');
    if (wanted === 'giant') flood(response);
  }
}

function flood(response: ServerResponse): void {
  const write = () => {
    while (!response.destroyed && response.write(CHUNK));
  };
  response.on('drain', write);
  write();
}
