import { afterAll, beforeAll, expect, test } from 'vitest';
import { openScriptedPipeline, outlast, type ScriptedPipeline } from '../support/outage.ts';

let scripted: ScriptedPipeline;
beforeAll(async () => {
  scripted = await openScriptedPipeline();
});
afterAll(() => scripted.close());

test('an outage of an hour leaves a hundred orders waiting and none failed, and then all are made', async () => {
  const { ended, runs, calls } = await outlast(scripted, 100);
  expect(ended).toBe(0);
  expect(runs).toBeLessThanOrEqual(1);
  expect(calls).toBeLessThan(22);
});
