import { parseArgs } from 'node:util';
import { hold, settleHold } from '../../infra/money/holds.ts';
import { inTransaction } from '../../infra/stores/postgres.ts';
import { MoneyVideo } from '../io/money/money-world.ts';
import { createTestDeps, type TestDeps } from '../support/test-deps.ts';
import { round, type Spread, spreadOf } from './queue-figures.ts';
import { startBenchServers } from './queue-servers.ts';

const AT_ONCE = [7, 100];
const HELD = 1_000;
/** So little that no video comes near its cap. */
const CHARGED = 1;

/** What clients did together in a while; latencies in milliseconds. */
interface Pace {
  per_s: number;
  latency: Spread;
}

interface Figures {
  at_once: number;
  /** Holds that were settled. */
  holds: Pace;
  settles: Spread;
  /** Transactions of one changed and one new row, half of them before and half after. */
  bare: Pace;
  /** Transactions of the ledger for one of the bare ones. */
  ratio: number;
}

/**
 * Measures holds that are settled, by 7 and by 100 videos at once, beside bare transactions on the same server.
 * `--seconds` sets how long each is measured (10).
 */
export async function benchLedger(args: string[]): Promise<Record<string, unknown>> {
  const { values } = parseArgs({ args, options: { seconds: { type: 'string', default: '10' } } });
  const stop = await startBenchServers();
  const deps = await createTestDeps({ queueMax: 1_000 });
  try {
    await deps.pool.query('CREATE TABLE bare (id int PRIMARY KEY, n int); CREATE TABLE bare_lines (id int)');
    const figures: Figures[] = [];
    for (const atOnce of AT_ONCE) figures.push(await measure(deps, atOnce, Number(values.seconds) * 1_000));
    show(figures);
    return { bench: 'ledger', seconds: Number(values.seconds), figures };
  } finally {
    await deps.close();
    await stop();
  }
}

async function measure(deps: TestDeps, atOnce: number, ms: number): Promise<Figures> {
  const videos = await Promise.all(Array.from({ length: atOnce }, () => MoneyVideo.create(deps)));
  const runs = await Promise.all(videos.map((video) => video.begin()));
  await deps.pool.query(
    'INSERT INTO bare SELECT id, 0 FROM generate_series(0, $1) AS id ON CONFLICT DO NOTHING',
    [atOnce],
  );
  const before = await pace(atOnce, ms / 2, (client) => bareTransaction(deps, client));
  const settles: number[] = [];
  const holds = await pace(atOnce, ms, async (client) => {
    const video = videos[client] as MoneyVideo;
    const one = video.aHold(runs[client] ?? 0, HELD);
    const from = performance.now();
    if ((await hold(deps.pool, one)) !== 'held') throw new Error('a hold was refused');
    const held = performance.now();
    await settleHold(deps, one, [video.charge(one, CHARGED)], null);
    settles.push(performance.now() - held);
    return held - from;
  });
  const after = await pace(atOnce, ms / 2, (client) => bareTransaction(deps, client));
  const bare = paceOf([...before.taken, ...after.taken], ms);
  const own = paceOf(holds.taken, ms);
  return {
    ...{ at_once: atOnce, holds: own, settles: spreadOf(settles), bare },
    ratio: round((2 * own.per_s) / bare.per_s, 2),
  };
}

/** Each client again and again; `work` answers the milliseconds that count. */
async function pace(
  clients: number,
  ms: number,
  work: (client: number) => Promise<number>,
): Promise<{ taken: number[] }> {
  const taken: number[] = [];
  const until = performance.now() + ms;
  const loop = async (client: number) => {
    while (performance.now() < until) taken.push(await work(client));
  };
  await Promise.all(Array.from({ length: clients }, (_, client) => loop(client)));
  return { taken };
}

async function bareTransaction({ pool }: TestDeps, client: number): Promise<number> {
  const from = performance.now();
  await inTransaction(pool, async (tx) => {
    await tx.query('UPDATE bare SET n = n + 1 WHERE id = $1', [client]);
    await tx.query('INSERT INTO bare_lines VALUES ($1)', [client]);
  });
  return performance.now() - from;
}

function paceOf(taken: readonly number[], ms: number): Pace {
  return { per_s: round((taken.length * 1_000) / ms), latency: spreadOf(taken) };
}

function show(figures: readonly Figures[]): void {
  console.log('videos at once                 per s     p50     p95     p99 ms');
  for (const { at_once, holds, settles, bare, ratio } of figures) {
    const rows: [string, number, Spread][] = [
      ['hold', holds.per_s, holds.latency],
      ['settle', holds.per_s, settles],
      ['bare transaction', bare.per_s, bare.latency],
    ];
    for (const [name, perS, { p50, p95, p99 }] of rows) {
      const cells = [perS, p50, p95, p99].map((value) => value.toFixed(1).padStart(8)).join('');
      console.log(`${String(at_once).padStart(4)}  ${name.padEnd(22)}${cells}`);
    }
    console.log(`      ledger to bare, transactions a second: ${ratio}`);
  }
}
