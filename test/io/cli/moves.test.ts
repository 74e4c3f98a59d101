import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { submitOrder } from '../../../infra/queue/orders.ts';
import { type CommandOptions, runToEnd, startCommand } from '../../support/command-line.ts';
import { endRow, publishAll } from '../../support/scripted-video.ts';
import { serveApiFor } from '../../support/served-api.ts';
import { anOrder, createTestDeps } from '../../support/test-deps.ts';

const deps = await createTestDeps();
const api = await serveApiFor(deps);

const run = (argv: string[], options?: CommandOptions) => runToEnd(api.url, argv, options);

async function ordered(): Promise<string> {
  const answer = await submitOrder(deps, anOrder());
  if (!answer.accepted) throw new Error('refused');
  return answer.video_id;
}

async function completed(): Promise<string> {
  const id = await ordered();
  await endRow(deps, id, { status: 'completed', cost: '0.000000' });
  return id;
}

const typed = (text: string) => Object.assign(Readable.from([`${text}\n`]), { isTTY: true });
const isDeleted = async (id: string) =>
  (await deps.pool.query('SELECT deleted_at FROM video_queue WHERE id = $1', [id])).rows[0].deleted_at !==
  null;

test('delete asks on a terminal, needs --yes elsewhere, and leaves an open video', async () => {
  const [id, other, open] = [await completed(), await completed(), await ordered()];
  const unasked = await run(['delete', id]);
  expect([unasked.code, unasked.errors]).toEqual([2, [expect.stringMatching(/Say --yes to do it/)]]);
  const no = await run(['delete', id.slice(0, 8)], { stdin: typed('n') });
  expect([no.code, no.errors, await isDeleted(id)]).toEqual([1, ['Nothing was deleted.'], false]);
  const yes = await run(['delete', id.slice(0, 8)], { stdin: typed('y') });
  expect([yes.code, yes.errors, yes.out]).toEqual([
    0,
    [],
    `Delete video ${id} and its files for good? [y/N] video ${id} is deleted\n`,
  ]);
  const several = await run(['delete', open, other, '--yes', '--json']);
  expect([several.code, several.json().videos]).toEqual([
    1,
    [
      { video_id: open, error: expect.objectContaining({ code: 'video_not_ended' }) },
      { video_id: other, status: 'deleted' },
    ],
  ]);
  expect([await isDeleted(id), await isDeleted(other), await isDeleted(open)]).toEqual([true, true, false]);
});

test('change gives videos another priority and cap, and names what is wrong with one', async () => {
  const [id, other] = [await ordered(), await ordered()];
  expect(await run(['change', id, other, '--priority', '9', '--max-cost', '1.25'])).toMatchObject({
    code: 0,
    out: [id, other].map((each) => `video ${each} has priority 9 and may cost $1.25\n`).join(''),
  });
  expect((await run(['status', id, '--json'])).json()).toMatchObject({ priority: 9, max_cost: 1.25 });
  const faults = { '--priority': ['0', '11', '1.5', 'high'], '--max-cost': ['99', '-1', 'much', ''] };
  for (const [option, values] of Object.entries(faults)) {
    for (const value of values) {
      const { code, errors } = await run(['change', id, `${option}=${value}`]);
      expect([code, errors]).toEqual([2, [expect.stringContaining(option.slice(2).replace('-', '_'))]]);
    }
  }
  const nothing = await run(['change', id]);
  expect([nothing.code, nothing.errors]).toEqual([2, [expect.stringMatching(/--priority N, --max-cost/)]]);
});

test('publish tells what becomes of each video, and why one cannot be published', async () => {
  const [open, apart, sending] = [await ordered(), await completed(), await completed()];
  await deps.pool.query(
    `INSERT INTO publications (video_id, channel_id, ready_at, state, uploading_at)
     VALUES ($1, 'c', now(), 'uploading', now())`,
    [sending],
  );
  const { code, out, errors } = await run(['publish', open, apart, sending]);
  expect([code, out]).toEqual([1, `video ${sending} is being uploaded\n`]);
  expect(errors).toEqual([
    expect.stringMatching(/only a completed one can be published/),
    expect.stringMatching(/No account is connected .* "npm run ytempire -- youtube connect/),
  ]);
  const late = await run(['publish', sending, '--publish-at', 'tomorrow']);
  expect([late.code, late.errors]).toEqual([2, [expect.stringMatching(/publish_at/)]]);
});

test('cancel --wait goes on until the videos have ended, and tells of one with another end', async () => {
  const [open, done] = [await ordered(), await completed()];
  const { terminal, ending } = startCommand(api.url, ['cancel', open, done, '--wait']);
  const isAsked = 'SELECT 1 FROM video_queue WHERE id = $1 AND cancel_requested IS NOT NULL';
  await expect.poll(async () => (await deps.pool.query(isAsked, [open])).rowCount).toBe(1);
  expect(terminal.out).toBe('');
  await endRow(deps, open, { status: 'cancelled', reason: 'operator_cancel', cost: '0.000000' });
  await publishAll(deps, [
    { type: 'video.cancelled', video_id: open, reason: 'operator_cancel', stage: null, cost: 0 },
  ]);
  expect(await ending).toBe(1);
  expect([terminal.out, terminal.errors]).toEqual([
    `video ${open} is cancelled\n`,
    [`video ${done} has ended as completed`],
  ]);
});
