import type { ServerResponse } from 'node:http';
import { finished } from 'node:stream/promises';
import type { Context } from 'hono';
import type { SSEStreamingApi } from 'hono/streaming';
import type { StreamMessage } from './message.ts';
import type { Transport } from './transport.ts';

/** Each message as one event: `event` is its type, `data` the message as JSON, `id` the event's id. */
export function overServerSentEvents(context: Context, out: SSEStreamingApi): Transport {
  const gone = new AbortController();
  out.onAbort(() => gone.abort());
  // None when the app is called without a server.
  const outgoing = context.env?.outgoing as ServerResponse | undefined;
  return {
    gone: gone.signal,
    send: async (message) => {
      await out.write(textOf(message));
    },
    ping: async () => {
      await out.write(': alive\n\n');
    },
    end: async () => {
      await out.close();
      if (outgoing) await finished(outgoing);
    },
    cut: () => {
      out.abort();
      outgoing?.destroy();
    },
  };
}

/** JSON has no line breaks, so that a message is one line of data. */
function textOf(message: StreamMessage): string {
  const id = 'id' in message ? `id: ${message.id}\n` : '';
  return `event: ${message.type}\ndata: ${JSON.stringify(message)}\n${id}\n`;
}
