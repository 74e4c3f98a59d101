import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { latch } from './latch.ts';

/** A call that is held up on its way. */
export interface Stall {
  /** Resolves when it is. */
  reached: Promise<void>;
  /** Lets an answer through; a request is gone. */
  release(): void;
}

/** Stands before a real server and holds back what a test wants to be late, or never to arrive. */
export interface StallingProxy {
  port: number;
  /** Swallows the next request that holds the text, on a connection that stays open, or holds back its answer. */
  stall(text: string, which: 'request' | 'answer'): Stall;
  /** Nothing passes any more, in either direction; connections are taken, and nothing is read from them. */
  freeze(): void;
  /** Ends every connection, with what was held back on it, and lets everything through again. */
  cut(): void;
  close(): Promise<void>;
}

interface Pair {
  client: Socket;
  server: Socket;
  /** What happens with bytes that the server sends. */
  answer(bytes: Buffer): void;
}

interface Waiting extends Stall {
  text: string;
  /** Takes the bytes of the request that it waited for. */
  hold(pair: Pair, bytes: Buffer): void;
}

/** A proxy before a server on this machine. */
export async function startStallingProxy(behind: number): Promise<StallingProxy> {
  const pairs = new Set<Pair>();
  let waiting: Waiting[] = [];
  let frozen = false;

  const end = (pair: Pair) => {
    pairs.delete(pair);
    pair.client.destroy();
    pair.server.destroy();
  };
  const listener = createServer((client) => {
    const pair = pairOf(client, connect(behind, '127.0.0.1'), () => end(pair));
    pairs.add(pair);
    if (frozen) pauseBoth(pair);
    client.on('data', (bytes: Buffer) => {
      const stalled = waiting.find(({ text }) => bytes.includes(text));
      waiting = waiting.filter((other) => other !== stalled);
      if (stalled) stalled.hold(pair, bytes);
      else pair.server.write(bytes);
    });
  });
  const cut = () => {
    frozen = false;
    waiting = [];
    for (const pair of pairs) end(pair);
  };
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  return {
    port: (listener.address() as AddressInfo).port,
    stall(text, which) {
      const stall = which === 'request' ? swallowedRequest(text) : stalledAnswer(text);
      waiting.push(stall);
      return stall;
    },
    freeze() {
      frozen = true;
      for (const pair of pairs) pauseBoth(pair);
    },
    cut,
    close: async () => {
      cut();
      listener.close();
      await once(listener, 'close');
    },
  };
}

function pairOf(client: Socket, server: Socket, onEnd: () => void): Pair {
  const pair: Pair = { client, server, answer: (bytes) => void client.write(bytes) };
  server.on('data', (bytes: Buffer) => pair.answer(bytes));
  for (const socket of [client, server]) socket.on('error', onEnd).on('close', onEnd);
  return pair;
}

function pauseBoth({ client, server }: Pair): void {
  client.pause();
  server.pause();
}

function swallowedRequest(text: string): Waiting {
  const { opened: reached, open } = latch();
  return {
    ...{ text, reached, release: () => {} },
    hold({ client, server }) {
      client.pause();
      // The server would end an idle connection after a while, and the client would be told.
      server.removeAllListeners('close').destroy();
      open();
    },
  };
}

function stalledAnswer(text: string): Waiting {
  const { opened: reached, open } = latch();
  let release = () => {};
  return {
    ...{ text, reached },
    release: () => release(),
    hold(pair, bytes) {
      const passOn = pair.answer;
      pair.answer = (answer) => {
        pair.server.pause();
        release = () => {
          pair.answer = passOn;
          passOn(answer);
          pair.server.resume();
        };
        open();
      };
      pair.server.write(bytes);
    },
  };
}
