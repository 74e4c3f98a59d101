import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { eventually } from './test-pipeline.ts';

/** Stands before a real server, so that a test can take it away from the process under test and give it back. */
export interface TcpProxy {
  /** 127.0.0.1:port */
  address: string;
  /** Cuts every connection; from now on new ones are refused, as of a server that is not running. */
  cut(): Promise<void>;
  /** Takes connections again, at the same address. */
  restore(): Promise<void>;
  close(): Promise<void>;
}

export async function startTcpProxy(host: string, port: number): Promise<TcpProxy> {
  const open = new Set<Socket>();
  const server = createServer((client) => {
    const behind = connect(port, host);
    for (const [one, other] of [
      [client, behind],
      [behind, client],
    ] as const) {
      open.add(one);
      one.pipe(other);
      one.on('error', () => other.destroy());
      one.on('close', () => {
        open.delete(one);
        other.destroy();
      });
    }
  });
  const listen = async (at: number) => {
    server.listen(at, '127.0.0.1');
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  };
  const ownPort = await listen(0);
  const cut = async () => {
    if (!server.listening) return;
    const closed = once(server, 'close');
    server.close();
    for (const socket of open) socket.destroy();
    await closed;
  };
  return {
    address: `127.0.0.1:${ownPort}`,
    cut,
    // Another socket may have the port for a moment.
    restore: async () => {
      await eventually(
        () => listen(ownPort).catch(() => null),
        (port) => port === ownPort,
      );
    },
    close: cut,
  };
}
