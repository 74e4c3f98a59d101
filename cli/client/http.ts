import { Agent, type IncomingMessage, request } from 'node:http';

// node:http rather than fetch: fetch alone would cost the start some 30 ms.
const agent = new Agent({ keepAlive: true });

let bearer: string | undefined;

/** Shows this key with every request from now on: one command speaks to one API. */
export function useKey(key: string | undefined): void {
  bearer = key;
}

export interface Call {
  method?: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  body?: unknown;
  headers?: Record<string, string>;
  signal?: AbortSignal;
  /** The connection is cut when nothing comes for this long. */
  silenceMs?: number;
}

/** Sends one request; resolves with the answer's head, whatever its status. Rejects when nobody answers. */
export async function send(url: URL, call: Call = {}): Promise<IncomingMessage> {
  const body = call.body === undefined ? undefined : JSON.stringify(call.body);
  const open = url.protocol === 'https:' ? (await import('node:https')).request : request;
  return new Promise((resolve, reject) => {
    const outgoing = open(url, {
      // Of https the library's own agent: it keeps connections alive as well.
      ...(open === request && { agent }),
      method: call.method ?? 'GET',
      headers: {
        // Of a DELETE node:http sends a body without its length, which no server can read.
        ...(body && { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }),
        ...(bearer && { authorization: `Bearer ${bearer}` }),
        ...call.headers,
      },
      ...(call.signal && { signal: call.signal }),
      ...(call.silenceMs && { timeout: call.silenceMs }),
    });
    outgoing.on('response', resolve).on('error', reject);
    outgoing.on('timeout', () => outgoing.destroy(new Error('the API is silent')));
    outgoing.end(body);
  });
}

/** The whole answer as JSON; null when it is none. */
export async function readJson(answer: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of answer) chunks.push(chunk as Buffer);
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch {
    return null;
  }
}

/** Lets the process end: idle connections are closed. */
export function closeConnections(): void {
  agent.destroy();
}
