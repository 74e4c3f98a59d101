import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { billOf } from '../../../infra/money/bill.ts';
import { assumeHolds, type Hold, hold, refundHold, settleHold } from '../../../infra/money/holds.ts';
import { chargeVideo, spendOf } from '../../../infra/money/ledger.ts';
import { createTestDeps } from '../../support/test-deps.ts';
import { MoneyVideo } from './money-world.ts';

const deps = await createTestDeps();
afterAll(() => deps.close());

const CAP = 1_000_000;

/** `at` picks one of the holds so far; a killed worker is the begin of another attempt. */
type Move =
  | { move: 'hold'; amount: number }
  | { move: 'charge'; amount: number }
  | { move: 'settle'; at: number; amounts: number[] }
  | { move: 'refund' | 'assume' | 'repeat'; at: number }
  | { move: 'kill' };

const amount = fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 300_000 }));
const at = fc.nat(50);
const move: fc.Arbitrary<Move> = fc.oneof(
  fc.record({ move: fc.constant('hold' as const), amount }),
  fc.record({ move: fc.constant('hold' as const), amount }),
  fc.record({ move: fc.constant('charge' as const), amount: fc.nat(60_000) }),
  fc.record({ move: fc.constant('settle' as const), at, amounts: fc.array(amount, { maxLength: 3 }) }),
  fc.record({ move: fc.constantFrom('refund' as const, 'assume' as const, 'repeat' as const), at }),
  fc.record({ move: fc.constant('kill' as const) }),
);

class Story {
  readonly holds: Hold[] = [];
  /** The bill of a hold is one bill, however often it is sent. */
  readonly bills = new Map<string, number[]>();
  attempt = 1;
  run: number;
  readonly video: MoneyVideo;

  constructor(video: MoneyVideo, run: number) {
    this.video = video;
    this.run = run;
  }

  async make(next: Move): Promise<void> {
    if (next.move === 'hold') return this.hold(next.amount);
    if (next.move === 'kill') return this.kill();
    if (next.move === 'charge') return this.charge(next.amount);
    const held = this.holds[next.at % Math.max(1, this.holds.length)];
    if (!held) return;
    if (next.move === 'settle') return this.settle(held, next.amounts);
    if (next.move === 'refund' && !this.bills.has(held.key)) await refundHold(deps.pool, held);
    if (next.move === 'assume') await assumeHolds(deps.pool, this.video.id, { key: held.key });
    if (next.move === 'repeat') await hold(deps.pool, held).catch(() => undefined);
  }

  private async hold(most: number): Promise<void> {
    const one = this.video.aHold(this.run, most);
    if ((await hold(deps.pool, one)) === 'held') this.holds.push(one);
  }

  private async settle(held: Hold, amounts: number[]): Promise<void> {
    const bill = this.bills.get(held.key) ?? amounts;
    this.bills.set(held.key, bill);
    await settleHold(
      deps,
      held,
      bill.map((one, n) => this.video.charge(held, one, n + 1)),
      null,
    );
  }

  private async charge(one: number): Promise<void> {
    const line = this.video.charge(this.video.aHold(this.run, 0), one);
    await chargeVideo(deps, this.video.id, [line], { stage: null, attempt: null });
  }

  private async kill(): Promise<void> {
    this.attempt += 1;
    this.run = await this.video.begin(this.attempt);
  }
}

test('whatever happens in whatever order, twice or side by side, the budget is the ledger', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(move, { minLength: 1, maxLength: 4 }), { maxLength: 12 }),
      async (rounds) => {
        const video = await MoneyVideo.create(deps, CAP);
        const story = new Story(video, await video.begin());
        for (const sideBySide of rounds) {
          await Promise.all(sideBySide.map((next) => story.make(next)));
          const [spend, ledger, bill] = await Promise.all([
            spendOf(deps.pool, video.id),
            video.ledger(),
            billOf(deps.pool, video.id),
          ]);
          expect(spend.total).toBe((ledger['charged'] ?? 0) + (ledger['assumed'] ?? 0));
          expect(spend.held).toBe(ledger['held'] ?? 0);
          const lines = bill.charges.reduce((sum, line) => sum + Math.round(line.amount * 1e6), 0);
          expect([Math.round(bill.total_cost * 1e6), lines]).toEqual([spend.total, spend.total]);
        }
        await deps.pool.query('DELETE FROM video_queue WHERE id = $1', [video.id]);
      },
    ),
    { numRuns: 20 },
  );
});

test('bills within their holds never bring a video to its cap', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(amount, fc.nat(100)), { maxLength: 30 }), async (calls) => {
      const video = await MoneyVideo.create(deps, CAP);
      const run = await video.begin();
      await Promise.all(
        calls.map(async ([most, percent]) => {
          const one = video.aHold(run, most);
          if ((await hold(deps.pool, one)) !== 'held') return;
          if (percent > 90) return;
          await settleHold(deps, one, [video.charge(one, Math.floor((most * percent) / 100))], null);
        }),
      );
      await video.begin(2);
      const { total, held } = await spendOf(deps.pool, video.id);
      expect(held).toBe(0);
      expect(total).toBeLessThan(CAP);
      await deps.pool.query('DELETE FROM video_queue WHERE id = $1', [video.id]);
    }),
    { numRuns: 12 },
  );
});
