import type { StageInput } from '../../../domain/contract.ts';
import type { Charge, Usage } from '../../../domain/results.ts';
import type { StageName } from '../../../domain/stages.ts';
import { type Hold, type HoldAnswer, hold } from '../../../infra/money/holds.ts';
import { submitOrder } from '../../../infra/queue/orders.ts';
import { beginRun } from '../../../infra/stages/stage-records.ts';
import type { Db } from '../../../infra/stores/postgres.ts';
import { anOrder, registerPlaces, type TestDeps } from '../../support/test-deps.ts';

const CALL = { service: 'openai', operation: 'script', provider: 'loopback', model: 'm' } as const;

/** A video in production, with attempts that its test begins. */
export class MoneyVideo {
  readonly deps: TestDeps;
  readonly input: StageInput;
  #calls = 0;

  private constructor(deps: TestDeps, videoId: string) {
    this.deps = deps;
    this.input = { video_id: videoId, generation: 1, admission_no: 1, lane: 'cpu' };
  }

  static async create(deps: TestDeps, max_cost = 3_000_000): Promise<MoneyVideo> {
    await registerPlaces(deps, { cpu: 1_000 });
    const answer = await submitOrder(deps, anOrder({ max_cost }));
    if (!answer.accepted) throw new Error('refused');
    return new MoneyVideo(deps, answer.video_id);
  }

  get id(): string {
    return this.input.video_id;
  }

  /** Begins an attempt, and answers its row. */
  async begin(attempt = 1, stage: StageName = 'script_generation'): Promise<number> {
    const run = { run_id: `run-${this.id}`, activity_id: stage, attempt };
    return (await beginRun(this.deps, this.input, stage, run, 'w')).id;
  }

  aHold(run: number, amount: number, stage: StageName = 'script_generation'): Hold {
    this.#calls += 1;
    return { video_id: this.id, run, stage, attempt: 1, key: `h${this.#calls}`, call: CALL, amount };
  }

  /** Holds, in a transaction of the caller where one is given. */
  async hold(run: number, amount: number, db: Db = this.deps.pool): Promise<HoldAnswer> {
    return hold(db, this.aHold(run, amount));
  }

  /** A charge in the place of a hold. */
  charge({ key }: Hold, amount: number, n = 1): Charge {
    const usage: Usage = { ...CALL, quantity: 1, unit: 'call' };
    return { ...usage, key: `${key}/${n}`, amount };
  }

  /** Rows of the ledger by state, in micro-dollars. */
  async ledger(): Promise<Record<string, number>> {
    const { rows } = await this.deps.pool.query<{ state: string; micros: string }>(
      `SELECT state, (sum(amount) * 1000000)::bigint AS micros FROM pipeline_costs WHERE video_id = $1 GROUP BY state`,
      [this.id],
    );
    return Object.fromEntries(rows.map(({ state, micros }) => [state, Number(micros)]));
  }
}
