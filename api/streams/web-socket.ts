import { once } from 'node:events';
import type { WebSocket } from 'ws';
import type { Ending, Transport } from './transport.ts';

/** Close codes of RFC 6455. */
const CODES: Record<Ending, number> = { told: 1000, stopping: 1001, gone: 1001, slow: 1008, failed: 1011 };
/** Unanswered pings after which a client is given up. */
const MAX_SILENT = 2;

/** Each message as one text frame of JSON. What the client sends is not read; ws bounds its pongs. */
export function overWebSocket(socket: WebSocket): Transport {
  const gone = new AbortController();
  let silent = 0;
  const leave = () => gone.abort();
  socket.on('close', leave);
  // A frame that is too large or broken: ws has closed with the fitting code already.
  socket.on('error', leave);
  socket.on('pong', () => {
    silent = 0;
  });
  const written = (write: (done: (error?: Error | null) => void) => void) =>
    new Promise<void>((resolve, reject) => {
      write((error) => {
        if (!error) return resolve();
        leave();
        reject(error);
      });
    });
  return {
    gone: gone.signal,
    send: (message) => written((done) => socket.send(JSON.stringify(message), done)),
    ping: async () => {
      if (silent === MAX_SILENT) return socket.terminate();
      silent += 1;
      await written((done) => socket.ping('', false, done));
    },
    end: async (ending) => {
      if (socket.readyState === socket.CLOSED) return;
      const closed = once(socket, 'close');
      socket.close(CODES[ending]);
      await closed;
    },
    cut: () => socket.terminate(),
  };
}
