import { type IncomingMessage, type Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Context } from 'hono';
import { type WebSocket, WebSocketServer } from 'ws';
import { ProblemError } from '../errors.ts';

/** Clients have nothing to say; a larger frame closes the connection with 1009. */
const MAX_FRAME_BYTES = 1_024;

/** Requests that ask for a WebSocket, answered by the same app as every other. */
export interface Upgrades {
  /** Takes over what the server would else refuse or ignore. */
  attach(server: Server): void;
  /**
   * Makes the request's connection a WebSocket; null when it does not ask for one. Throws a ProblemError when the
   * handshake is wrong.
   */
  accept(context: Context): WebSocket | null;
  /** Cuts every connection that was upgraded, which a server does not count as its own any more. */
  cut(): void;
}

interface Waiting {
  socket: Socket;
  head: Buffer;
  /** Takes the connection away from the HTTP answer. */
  leaveHttp(): void;
}

/**
 * An upgrade goes through the app as a request, so that the guards, the routes and their refusals are those of every
 * other; only a stream's route accepts it.
 */
export function createUpgrades(): Upgrades {
  const options = { noServer: true, clientTracking: false, perMessageDeflate: false };
  const sockets = new WebSocketServer({ ...options, maxPayload: MAX_FRAME_BYTES });
  // With a listener ws leaves the answer to a wrong handshake to us.
  sockets.on('wsClientError', () => undefined);
  const waiting = new WeakMap<IncomingMessage, Waiting>();
  const connections = new Set<Socket>();
  return {
    attach: (server) =>
      server.on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) => {
        if (!asksForWebSocket(request)) return ignoreUpgrade(server, request, socket, head);
        connections.add(socket);
        socket.on('close', () => connections.delete(socket));
        // Without a listener a client's reset would end this process.
        socket.on('error', () => socket.destroy());
        const answer = answerOn(request, socket);
        waiting.set(request, { socket, head, leaveHttp: answer.leave });
        server.emit('request', request, answer.response);
      }),
    accept: (context) => {
      const request = context.env?.incoming as IncomingMessage | undefined;
      const found = request && waiting.get(request);
      if (!found) return null;
      return handshake(sockets, context, request, found);
    },
    cut: () => {
      for (const socket of connections) socket.destroy();
    },
  };
}

function asksForWebSocket({ method, headers }: IncomingMessage): boolean {
  return method === 'GET' && headers.upgrade?.toLowerCase() === 'websocket';
}

/** An answer for a connection that Node has let go of: it must be told when there is room, and when to close. */
function answerOn(request: IncomingMessage, socket: Socket) {
  const response = new ServerResponse(request);
  const drain = () => response.emit('drain');
  const close = () => socket.destroySoon();
  response.shouldKeepAlive = false;
  response.assignSocket(socket);
  response.once('finish', close);
  socket.on('drain', drain);
  const leave = () => {
    response.off('finish', close);
    socket.off('drain', drain);
    response.detachSocket(socket);
  };
  return { response, leave };
}

function handshake(
  sockets: WebSocketServer,
  context: Context,
  request: IncomingMessage,
  { socket, head, leaveHttp }: Waiting,
): WebSocket {
  const addRequestId = (headers: string[]) => headers.push(`X-Request-Id: ${context.get('requestId')}`);
  let opened: WebSocket | null = null;
  sockets.on('headers', addRequestId);
  sockets.handleUpgrade(request, socket, head, (webSocket) => {
    opened = webSocket;
  });
  sockets.off('headers', addRequestId);
  if (!opened) {
    const detail = 'Send a key of 16 bytes in base64, and version 13, to open a WebSocket.';
    throw new ProblemError(400, 'invalid_handshake', detail, { headers: { 'sec-websocket-version': '13' } });
  }
  leaveHttp();
  return opened;
}

/**
 * Another protocol (curl offers h2c) is not spoken here: the request goes to the server again as one that did not
 * ask, since Node reads no body behind an upgrade.
 */
function ignoreUpgrade(server: Server, request: IncomingMessage, socket: Socket, head: Buffer): void {
  const { method, url, httpVersion, rawHeaders } = request;
  let text = `${method} ${url} HTTP/${httpVersion}\r\n`;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] ?? '';
    if (!/^(upgrade|connection|http2-settings)$/i.test(name)) text += `${name}: ${rawHeaders[i + 1]}\r\n`;
  }
  socket.unshift(Buffer.concat([Buffer.from(`${text}\r\n`, 'latin1'), head]));
  server.emit('connection', socket);
}
