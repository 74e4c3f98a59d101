import { once } from 'node:events';
import {
  type ClientHttp2Session,
  connect,
  constants,
  createSecureServer,
  type IncomingHttpHeaders,
  type ServerHttp2Stream,
} from 'node:http2';
import type { AddressInfo } from 'node:net';
import type { Authority, Certificate } from './certificates.ts';

/** Stands before a Temporal server as Temporal Cloud does: encrypted, for known clients, without operator calls. */
export interface TemporalGate {
  /** 127.0.0.1:port */
  address: string;
  /** What each call showed: the `authorization` header by the program that called. */
  calls: { path: string; program: string; authorization: string | undefined }[];
  close(): Promise<void>;
}

const REFUSED_PATH = /^\/temporal\.api\.operatorservice\./;
const PERMISSION_DENIED = '7';

/** `clients` has signed the certificates of those that may enter. */
export async function startTemporalGate(
  behind: string,
  server: Certificate,
  clients: Authority,
): Promise<TemporalGate> {
  const calls: TemporalGate['calls'] = [];
  const upstream = connect(`http://${behind}`);
  const access = { ca: clients.cert, requestCert: true, rejectUnauthorized: true };
  const gate = createSecureServer({ cert: server.cert, key: server.key, ...access });
  gate.on('stream', (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => {
    const path = String(headers[':path']);
    const program = String(headers['user-agent'] ?? headers['client-name']);
    calls.push({ path, program, authorization: headers.authorization });
    stream.on('error', () => stream.destroy());
    if (REFUSED_PATH.test(path)) refuse(stream);
    else passOn(upstream, stream, headers);
  });
  const sessions = new Set<{ destroy(): void }>();
  gate.on('session', (session) => {
    sessions.add(session);
    session.on('error', () => session.destroy());
    session.once('close', () => sessions.delete(session));
  });
  gate.listen(0, '127.0.0.1');
  await once(gate, 'listening');
  return {
    address: `127.0.0.1:${(gate.address() as AddressInfo).port}`,
    calls,
    close: async () => {
      for (const session of sessions) session.destroy();
      upstream.destroy();
      gate.close();
      await once(gate, 'close');
    },
  };
}

function refuse(stream: ServerHttp2Stream): void {
  const status = { 'grpc-status': PERMISSION_DENIED, 'grpc-message': 'Request unauthorized.' };
  stream.respond({ ':status': 200, 'content-type': 'application/grpc', ...status }, { endStream: true });
}

function passOn(upstream: ClientHttp2Session, stream: ServerHttp2Stream, headers: IncomingHttpHeaders): void {
  const { ':authority': _authority, ':scheme': _scheme, ...rest } = headers;
  const call = upstream.request(rest);
  let trailers: IncomingHttpHeaders = {};
  call.on('response', (answer, flags) => {
    if (stream.destroyed) return;
    const isWhole = (flags & constants.NGHTTP2_FLAG_END_STREAM) !== 0;
    stream.respond(answer, isWhole ? { endStream: true } : { waitForTrailers: true });
    if (!isWhole) call.pipe(stream);
  });
  call.on('trailers', (found: IncomingHttpHeaders) => {
    trailers = found;
  });
  call.on('error', () => stream.close());
  stream.on('wantTrailers', () => stream.sendTrailers(trailers));
  stream.on('close', () => call.close(constants.NGHTTP2_CANCEL));
  stream.pipe(call);
}
