import { gatedLlm } from '../../activities/providers/gated-ports.ts';
import { createScriptGeneration } from '../../activities/script-generation.ts';
import type { StageWork } from '../../activities/stage.ts';
import { type FakeOpenAi, startFakeOpenAi } from './fakes/openai.ts';
import { eventually, type PipelineOptions, TestPipeline } from './test-pipeline.ts';

/** Name of the provider that writes the scripts. */
export const CHAT = 'loopback-chat';
/** A closing of a minute, shortened: after six of them an outage of an hour is over. */
const MINUTE_MS = 40;
const HOUR_OF_CLOSINGS = 6;

/** A pipeline whose scripts are written by the real provider on a fake server; the other stages do nothing. */
export interface ScriptedPipeline {
  pipeline: TestPipeline;
  openai: FakeOpenAi;
  close(): Promise<void>;
}

export async function openScriptedPipeline(works: PipelineOptions['works'] = {}): Promise<ScriptedPipeline> {
  const openai = await startFakeOpenAi();
  let write: StageWork<'script_generation'>;
  const pipeline = await TestPipeline.create({
    config: {
      providers: { chat: { baseUrl: openai.url, model: 'gpt-4o-mini' } },
      times: { providerClosedMs: MINUTE_MS, troubleAlertMs: 60, troubleReleaseMs: 250 },
    },
    works: { script_generation: (context) => write(context), ...works },
  });
  write = createScriptGeneration(gatedLlm(pipeline.deps));
  const close = async () => {
    await pipeline.close();
    await openai.close();
  };
  return { pipeline, openai, close };
}

/** What an outage of an hour left of the orders that came in it, and how often the service was asked meanwhile. */
export interface Outlasted {
  ended: number;
  /** Most runs that one video had used up. */
  runs: number;
  calls: number;
}

/** Orders videos while the service is away for an hour of closings; then it is back and all are made. */
export async function outlast({ pipeline, openai }: ScriptedPipeline, orders: number): Promise<Outlasted> {
  const { pool } = pipeline.deps;
  openai.outage(true);
  for (let n = 0; n < orders; n += 10) {
    await Promise.all(Array.from({ length: Math.min(10, orders - n) }, () => pipeline.submit()));
  }
  const closings = async () =>
    (await pool.query<{ closings: number }>('SELECT closings FROM provider_state')).rows[0]?.closings ?? 0;
  await eventually(closings, (count) => count >= HOUR_OF_CLOSINGS, 120_000);
  const { rows } = await pool.query<{ ended: number; runs: number }>(
    `SELECT count(*) FILTER (WHERE status NOT IN ('queued', 'processing')) AS ended,
       max(retry_count) AS runs FROM video_queue`,
  );
  const { ended = -1, runs = -1 } = rows[0] ?? {};
  const calls = openai.calls.chat;
  openai.outage(false);
  const completed = async () =>
    (await pool.query<{ count: number }>(`SELECT count(*) FROM video_queue WHERE status = 'completed'`))
      .rows[0]?.count;
  await eventually(completed, (count) => count === orders, 300_000);
  return { ended, runs, calls };
}
