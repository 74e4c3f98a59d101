import fc from 'fast-check';
import pg from 'pg';
import { afterAll, expect, test } from 'vitest';
import { SCORE_SQL, scoreOf } from '../../../domain/score.ts';
import { COMPLEXITIES } from '../../../domain/video.ts';
import { testConfig } from '../../support/test-deps.ts';

const client = new pg.Client((await testConfig()).databaseUrl);
await client.connect();
afterAll(() => client.end());

test('the score in SQL is the score in TypeScript', async () => {
  const videos = fc.sample(
    fc.record({
      priority: fc.integer({ min: 1, max: 10 }),
      complexity: fc.constantFrom(...COMPLEXITIES),
      ms: fc.integer({ min: 1_700_000_000_000, max: 2_000_000_000_000 }),
    }),
    200,
  );
  const { rows } = await client.query<{ score: string }>(
    `SELECT ${SCORE_SQL} AS score FROM (
       SELECT priority, complexity, to_timestamp(ms / 1000) AS created_at
       FROM jsonb_to_recordset($1) AS v(priority integer, complexity text, ms numeric)) v`,
    [JSON.stringify(videos)],
  );
  for (const [index, { priority, complexity, ms }] of videos.entries()) {
    expect(Number(rows[index]?.score)).toBeCloseTo(scoreOf(priority, complexity, ms / 1000), 2);
  }
});
