import { afterAll, beforeEach, expect, test } from 'vitest';
import type { StageName } from '../../../domain/stages.ts';
import type { Order } from '../../../domain/video.ts';
import { commitAdmission } from '../../../infra/queue/admission.ts';
import { submitOrder } from '../../../infra/queue/orders.ts';
import { readVideo } from '../../../infra/views/video-view.ts';
import { anOrder, createTestDeps, registerPlaces } from '../../support/test-deps.ts';

const deps = await createTestDeps();
afterAll(() => deps.close());

beforeEach(async () => {
  for (const table of ['video_queue', 'provider_state', 'lane_workers']) {
    await deps.pool.query(`DELETE FROM ${table}`);
  }
});

/** A waiting video with these stages done. */
async function waiting(done: StageName[], order: Partial<Order> = {}): Promise<string> {
  const answer = await submitOrder(deps, anOrder(order));
  if (!answer.accepted) throw new Error(answer.code);
  for (const stage of done) {
    await deps.pool.query(
      `INSERT INTO stage_results (video_id, stage, input_hash, result, made_by) VALUES ($1, $2, '', '{}', '')`,
      [answer.video_id, stage],
    );
  }
  return answer.video_id;
}

async function closed(
  kind: string,
  standIn: string | null = null,
  until: string | null = null,
): Promise<void> {
  await deps.pool.query(
    `INSERT INTO provider_state (name, kind, state, stand_in, closed_until)
     VALUES ($1, $1, 'closed', $2, clock_timestamp() + $3::interval)`,
    [kind, standIn, until],
  );
}

const waitingFor = async (id: string) => (await readVideo(deps, id))?.waiting_for;

const SCRIPT: StageName[] = ['script_generation'];
const SPOKEN: StageName[] = ['script_generation', 'audio_synthesis'];
const MADE: StageName[] = [...SPOKEN, 'media_collection'];

test.each<[string, StageName[], Partial<Order>, string]>([
  ['llm', [], {}, 'provider:llm'],
  ['llm', [], { prompt: undefined as never, script: 'Said as it is.' }, 'place'],
  ['llm', SCRIPT, {}, 'place'],
  ['speech', [], {}, 'place'],
  ['speech', SCRIPT, {}, 'provider:speech'],
  ['speech', SPOKEN, {}, 'place'],
  ['footage', SCRIPT, {}, 'provider:footage'],
  ['footage', MADE, {}, 'place'],
  ['transcription', SCRIPT, {}, 'place'],
])(
  'a closed %s holds back the videos whose next stage needs it, and no others (%#)',
  async (kind, done, order, expected) => {
    const id = await waiting(done, order);
    await closed(kind);
    expect(await waitingFor(id)).toBe(expected);
  },
);

test('a video that a fallback takes over does not wait', async () => {
  const [english, german] = [
    await waiting(SCRIPT, { language: 'en-GB' }),
    await waiting(SCRIPT, { language: 'de' }),
  ];
  await closed('speech', 'en');
  expect(await Promise.all([english, german].map(waitingFor))).toEqual(['place', 'provider:speech']);
  await deps.pool.query(`UPDATE provider_state SET stand_in = 'any'`);
  expect(await waitingFor(german)).toBe('place');
});

test('admission passes by what a closed service holds back, and takes it once the closing is over', async () => {
  await registerPlaces(deps, { cpu: 3 });
  await deps.pool.query('UPDATE pipeline_state SET paused = true');
  const [first, second] = [await waiting([], { priority: 9 }), await waiting(SCRIPT)];
  await closed('llm', null, '1 hour');
  await deps.pool.query('UPDATE pipeline_state SET paused = false');
  expect((await readVideo(deps, second))?.position).toBe(1);
  expect((await commitAdmission(deps)).map(({ id }) => id)).toEqual([second]);
  await deps.pool.query('UPDATE provider_state SET closed_until = clock_timestamp()');
  await deps.pool.query(`UPDATE provider_state SET probe_until = clock_timestamp() + interval '1 hour'`);
  expect(await commitAdmission(deps)).toEqual([]);
  await deps.pool.query('UPDATE provider_state SET probe_until = NULL');
  expect((await commitAdmission(deps)).map(({ id }) => id)).toEqual([first]);
});
