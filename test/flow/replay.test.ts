import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from '@temporalio/worker';
import { DeterminismViolationError } from '@temporalio/workflow';
import { expect, test } from 'vitest';
import { projectRoot } from '../../infra/project-root.ts';
import { readHistory } from '../support/history-file.ts';
import { workflowBundle } from '../support/test-pipeline.ts';

const FOLDER = join(projectRoot, 'test', 'flow', 'replay');
const FILES = readdirSync(FOLDER).filter((name) => name.endsWith('.json'));

test('histories of every ending are stored', () => {
  expect(FILES).toEqual(
    expect.arrayContaining([
      'completed.json',
      'cancelled.json',
      'cap-raised.json',
      'cost_limit.json',
      'dead-worker.json',
      'failed.json',
      'fatal-second.json',
      'gate_refused.json',
      'mended.json',
      'notify-cancelled.json',
      'notify-delivered.json',
      'notify-failed.json',
      'paused.json',
      'publish-cancelled.json',
      'publish-failed.json',
      'publish-published.json',
      'publish-waited.json',
      'quality.json',
      'queued.json',
      'refitted.json',
      'released.json',
      'traced.json',
      'unpatched-cap-raised.json',
      'unpatched-dead-worker.json',
      'unpatched-fatal-second.json',
      'worker_lost.json',
    ]),
  );
});

test.each(FILES)('a video that ended as in %s replays on the workflow of today', async (file) => {
  await Worker.runReplayHistory({ workflowBundle: await workflowBundle() }, history(file));
});

test.each(FILES)(
  'a video that ended as in %s replays on workers that send traces, and sends none again',
  async (file) => {
    let sent = 0;
    const count = () => {
      sent += 1;
    };
    const sinks = { exporter: { export: { fn: count, callDuringReplay: false } } };
    await Worker.runReplayHistory({ workflowBundle: await workflowBundle(true), sinks }, history(file));
    expect(sent).toBe(0);
  },
);

test('a workflow with another order of stages is refused', async () => {
  const { code } = await workflowBundle();
  const changed = code.replace(
    /(runStages\)?\(video, )'video_rendering'(\)[\s\S]*?runStages\)?\(video, )'quality_validation'/,
    "$1'quality_validation'$2'video_rendering'",
  );
  expect(changed).not.toBe(code);
  const replay = Worker.runReplayHistory({ workflowBundle: { code: changed } }, history('completed.json'));
  await expect(replay).rejects.toThrow(DeterminismViolationError);
});

function history(file: string): ReturnType<typeof readHistory> {
  return readHistory(readFileSync(join(FOLDER, file), 'utf8'));
}
