import { createServer } from 'node:net';

/** Where each service listens, unless the port is busy. */
export const PREFERRED_PORTS = { api: 8787, temporal: 7233, temporalUi: 8233, postgres: 7432, redis: 7379 };

/** The preferred port when nothing listens on it, else any free one; on 127.0.0.1. */
export async function freePort(preferred: number): Promise<number> {
  return (await tryPort(preferred)) ?? (await tryPort(0)) ?? Promise.reject(new Error('no free port'));
}

function tryPort(port: number): Promise<number | null> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(null));
    server.listen(port, '127.0.0.1', () => {
      const address = server.address();
      const free = typeof address === 'object' && address ? address.port : null;
      server.close(() => resolve(free));
    });
  });
}
