import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ApplicationFailure } from '@temporalio/activity';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { readWav } from '../../../activities/audio/wav.ts';
import { createStageActivities } from '../../../activities/index.ts';
import type { StageInput } from '../../../domain/contract.ts';
import { judgeCheck, type Mender } from '../../../domain/quality.ts';
import type { QualityCheck } from '../../../domain/results.ts';
import type { StageName } from '../../../domain/stages.ts';
import type { Order } from '../../../domain/video.ts';
import { billOf } from '../../../infra/money/bill.ts';
import { spendOf } from '../../../infra/money/ledger.ts';
import { dropAnswers, findAnswer } from '../../../infra/money/paid-answers.ts';
import { retryVideo } from '../../../infra/moves/retry.ts';
import { expireSharedFiles } from '../../../infra/retention/shared-files.ts';
import { discardResults } from '../../../infra/stages/discard-results.ts';
import { type FakeOpenAi, startFakeOpenAi } from '../../support/fakes/openai.ts';
import { KEY } from '../../support/fakes/openai-llm.ts';
import { speechOf } from '../../support/fakes/openai-sound.ts';
import { paidPrices } from '../../support/fakes/paid-prices.ts';
import { anOrder, createTestDeps, type TestDeps } from '../../support/test-deps.ts';

/** Samples of the narration below this are silence; its tone is far above. */
const QUIET = 160;

/** The paid stages as production wires them, with OpenAI played by the fake. */
let fake: FakeOpenAi;
let deps: TestDeps;

beforeAll(async () => {
  fake = await startFakeOpenAi({ key: KEY });
  const chat = { baseUrl: fake.url, model: 'gpt-4o-mini' };
  const speech = { baseUrl: fake.url, model: 'gpt-4o-mini-tts', voice: 'alloy' };
  const base = await createTestDeps({ providers: { chat, speech } });
  deps = { ...base, prices: paidPrices(), secrets: { ...base.secrets, openai: KEY, speech: KEY } };
});
beforeEach(() => fake.reset());
afterAll(async () => {
  await deps.close();
  await fake.close();
});

class Video {
  readonly input: StageInput = { video_id: randomUUID(), generation: 1, admission_no: 1, lane: 'cpu' };
  #attempt = 0;

  static async create(order: Partial<Order> = {}): Promise<Video> {
    const video = new Video();
    await deps.pool.query(
      `INSERT INTO video_queue (id, user_id, channel_id, priority, complexity, status, request_data, estimated_cost,
         score, lane, admission_no, claimed_by) VALUES ($1, 'u', 'c', 5, 'simple', 'processing', $2, 2, 0, 'cpu', 1, 'chain')`,
      [video.id, JSON.stringify(anOrder(order))],
    );
    await deps.pool.query('INSERT INTO video_budget (video_id, cap) VALUES ($1, 3)', [video.id]);
    return video;
  }

  /** One whose words are the order's, which is written down already. */
  static async ofScript(script: string): Promise<Video> {
    const order = anOrder({ script });
    delete order.prompt;
    const video = await Video.create();
    await deps.pool.query('UPDATE video_queue SET request_data = $2 WHERE id = $1', [
      video.id,
      JSON.stringify(order),
    ]);
    await video.run('script_generation');
    return video;
  }

  get id(): string {
    return this.input.video_id;
  }

  /** The next attempt of a stage. */
  run(stage: StageName, with_: Partial<TestDeps> = {}): Promise<unknown> {
    this.#attempt += 1;
    const workflowExecution = { workflowId: `video-${this.id}`, runId: `run-${this.id}` };
    const info = { attempt: this.#attempt, activityId: stage, workflowExecution };
    const environment = new MockActivityEnvironment(info, { logger: new DefaultLogger('ERROR') });
    return environment.run(createStageActivities({ ...deps, ...with_ })[stage], this.input);
  }

  /** As after a worker that died when the answer was stored and the result was not. */
  async loseResult(stage: StageName): Promise<void> {
    await deps.pool.query('DELETE FROM stage_results WHERE video_id = $1 AND stage = $2', [this.id, stage]);
  }

  /** The quality check has found this of the finished video. */
  async judged(...checks: QualityCheck[]): Promise<void> {
    await deps.pool.query(
      `INSERT INTO stage_results (video_id, stage, input_hash, result, made_by) VALUES ($1, 'quality_validation', 'h', $2, 'm')`,
      [this.id, JSON.stringify({ score: 0, checks })],
    );
  }

  /** Drops the results from a stage on, as the workflow does with a rejected video. */
  async mend(from: Mender): Promise<void> {
    await discardResults(deps, { ...this.input, chain: 'chain', from });
  }

  /** An operator's retry from a stage, and the admission after it. */
  async retry(from: StageName): Promise<void> {
    await deps.pool.query(`UPDATE video_queue SET status = 'failed' WHERE id = $1`, [this.id]);
    await retryVideo(deps, this.id, 'operator', from);
    Object.assign(this.input, { generation: 2, admission_no: 2 });
    await deps.pool.query(
      `UPDATE video_queue SET status = 'processing', lane = 'cpu', admission_no = 2, claimed_by = 'chain' WHERE id = $1`,
      [this.id],
    );
  }

  /** Longest silence of its narration, in seconds. */
  async silence(): Promise<number> {
    const { rows } = await deps.pool.query<{ key: string }>(
      `SELECT result->'narration'->>'key' AS key FROM stage_results WHERE video_id = $1 AND stage = 'audio_synthesis'`,
      [this.id],
    );
    const { rate, samples } = await readWav(join(deps.config.artifactsDir, rows[0]?.key ?? ''));
    let [longest, since] = [0, 0];
    samples.forEach((sample, at) => {
      if (Math.abs(sample) > QUIET) since = at;
      longest = Math.max(longest, at - since);
    });
    return longest / rate;
  }

  async bill() {
    const { charges, saved } = await billOf(deps.pool, this.id);
    const sum = (lines: { amount: number }[]) =>
      lines.reduce((total, line) => total + Math.round(line.amount * 1e6), 0);
    return { charged: sum(charges), saved: sum(saved), savedLines: saved.length };
  }
}

test('a later attempt of the video uses the stored answer, and the ledger shows what that saved', async () => {
  const video = await Video.create();
  await video.run('script_generation');
  const before = await video.bill();
  await video.loseResult('script_generation');
  await video.run('script_generation');
  expect(fake.calls.chat).toBe(1);
  expect(before).toMatchObject({ saved: 0 });
  expect(await video.bill()).toEqual({ charged: before.charged, saved: before.charged, savedLines: 1 });
  expect((await spendOf(deps.pool, video.id)).total).toBe(before.charged);
});

test('a round, a reset and another generation use it too', async () => {
  const video = await Video.create();
  await video.run('script_generation');
  await video.loseResult('script_generation');
  await deps.pool.query('UPDATE video_queue SET generation = 2, admission_no = 7 WHERE id = $1', [video.id]);
  Object.assign(video.input, { generation: 2, admission_no: 7 });
  await video.run('script_generation');
  expect(fake.calls.chat).toBe(1);
});

test('two orders of one topic are two scripts', async () => {
  for (const video of [await Video.create(), await Video.create()]) await video.run('script_generation');
  expect(fake.calls.chat).toBe(2);
});

test('an answer of no use is paid and not kept', async () => {
  const video = await Video.create();
  fake.script('chat', { content: 'No.' }, { content: 'No.' });
  await expect(video.run('script_generation')).rejects.toBeInstanceOf(ApplicationFailure);
  await video.run('script_generation');
  expect(fake.calls.chat).toBe(3);
  expect(await video.bill()).toMatchObject({ saved: 0 });
});

test('a sentence that another video has paid for is not paid again, until its file is gone', async () => {
  const script = 'The deep sea glows. Nobody knows why.';
  const first = await Video.ofScript(script);
  const second = await Video.ofScript(script);
  const third = await Video.ofScript(script);
  await first.run('audio_synthesis');
  expect(fake.calls.speech).toBe(2);
  await second.run('audio_synthesis');
  expect(fake.calls.speech).toBe(2);
  expect(await second.bill()).toMatchObject({ savedLines: 2 });
  expect((await second.bill()).saved).toBeGreaterThan(0);
  await rm(join(deps.config.artifactsDir, 'shared', 'speech'), { recursive: true });
  await third.run('audio_synthesis');
  expect(fake.calls.speech).toBe(4);
});

test('a sentence with a hole is bought again when the sound is mended, and nobody hears the old one any more', async () => {
  const script = 'Where light ends. Fish make their own.';
  const tone = speechOf('Where light');
  const hole = Buffer.alloc(4 * 24_000 * 2);
  fake.script('speech', { body: Buffer.concat([tone, hole, tone.subarray(44)]) });
  const [video, later] = [await Video.ofScript(script), await Video.ofScript(script)];
  await video.run('audio_synthesis');
  expect(await video.silence()).toBeGreaterThan(3.9);
  await video.judged(judgeCheck('silence', 4));
  await video.mend('audio_synthesis');
  await video.run('audio_synthesis');
  expect(fake.calls.speech).toBe(4);
  expect(await video.silence()).toBeLessThan(3);
  await later.run('audio_synthesis');
  expect(fake.calls.speech).toBe(4);
  expect(await later.silence()).toBeLessThan(3);
  expect(await later.bill()).toMatchObject({ savedLines: 2 });
  // The refused files are in nobody's way, and go as all unused ones do.
  await deps.pool.query(`UPDATE paid_answers SET used_at = used_at - interval '9 days'
    WHERE artifact_key IN (SELECT artifact_key FROM paid_answers ORDER BY made_at LIMIT 2) OR key LIKE 'refused %'`);
  expect(await expireSharedFiles(deps, 8)).toBeGreaterThanOrEqual(2);
});

test.each([
  ['a mend', 'silence', 4],
  ['a mend', 'true_peak', 4],
  ['a mend', 'caption_times', 2],
  ["an operator's retry", 'loudness', 4],
  ["an operator's retry", 'black', 2],
  ["an operator's retry", 'no fault', 2],
] as const)('%s of the sound after %s: %d sentences are paid', async (how, fault, paid) => {
  const video = await Video.ofScript(`After ${fault} comes ${how}. So ${how} follows ${fault}.`);
  await video.run('audio_synthesis');
  await video.judged(...(fault === 'no fault' ? [] : [judgeCheck(fault, 9)]));
  await (how === 'a mend' ? video.mend('audio_synthesis') : video.retry('audio_synthesis'));
  await video.run('audio_synthesis');
  expect(fake.calls.speech).toBe(paid);
});

test('a call that would cross the cap is refused before it is made, and the video is at its cost limit', async () => {
  const sentences = ['first', 'third', 'fifth', 'sixth', 'ninth'].map(
    (nth) => `The ${nth} of five, of forty letters about.`,
  );
  const video = await Video.ofScript(sentences.join(' '));
  const { entries, file } = paidPrices();
  const dear = entries.map((price) => (price.unit === 'character' ? { ...price, price_usd: '0.03' } : price));
  const failure = await video
    .run('audio_synthesis', { prices: { file, entries: dear } })
    .catch((error: ApplicationFailure) => error);
  expect(failure).toMatchObject({ type: 'cost_limit', nonRetryable: true });
  expect((failure as ApplicationFailure).message).toMatch(
    /^speech \(loopback gpt-4o-mini-tts\) may cost \$1\.\d+, which does not fit/,
  );
  expect(fake.calls.speech).toBe(2);
  const { total, held, cap } = await spendOf(deps.pool, video.id);
  expect(held).toBe(0);
  expect(total).toBeLessThan(cap);
});

test('a refused connection and an error status cost nothing, a broken answer all that it may', async () => {
  const video = await Video.create();
  fake.script('chat', { status: 503 });
  await expect(video.run('script_generation')).rejects.toMatchObject({ type: 'server_error' });
  expect(await spendOf(deps.pool, video.id)).toMatchObject({ total: 0, held: 0 });
  fake.script('chat', { cut: true });
  await expect(video.run('script_generation')).rejects.toMatchObject({ type: 'connection' });
  const { charges } = await billOf(deps.pool, video.id);
  expect(charges).toMatchObject([{ state: 'assumed', stage: 'script_generation' }]);
  expect((await spendOf(deps.pool, video.id)).held).toBe(0);
});

test('what a stage is made anew from is asked for anew: its stored answers go with its results', async () => {
  const video = await Video.create();
  await video.run('script_generation');
  const { rows } = await deps.pool.query<{ key: string }>(
    'SELECT key FROM paid_answers WHERE video_id = $1',
    [video.id],
  );
  const key = rows[0]?.key ?? '';
  await video.judged(judgeCheck('container', 'x'));
  await video.mend('video_rendering');
  expect(await findAnswer(deps.pool, key, null)).not.toBeNull();
  await dropAnswers(deps.pool, video.id, ['script_generation']);
  expect(await findAnswer(deps.pool, key, null)).toBeNull();
  await video.loseResult('script_generation');
  await video.run('script_generation');
  expect(fake.calls.chat).toBe(2);
});

test('an answer older than its kind allows counts as none', async () => {
  const video = await Video.create();
  await video.run('script_generation');
  await deps.pool.query(
    `UPDATE paid_answers SET made_at = made_at - interval '25 hours' WHERE video_id = $1`,
    [video.id],
  );
  const { rows } = await deps.pool.query<{ key: string }>(
    'SELECT key FROM paid_answers WHERE video_id = $1',
    [video.id],
  );
  const key = rows[0]?.key ?? '';
  expect(await findAnswer(deps.pool, key, 24 * 3_600_000)).toBeNull();
  expect(await findAnswer(deps.pool, key, null)).not.toBeNull();
});
