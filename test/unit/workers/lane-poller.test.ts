import type { Worker } from '@temporalio/worker';
import { expect, test } from 'vitest';
import { startPoller } from '../../../workers/lane-poller.ts';
import { latch } from '../../support/latch.ts';

/** As much of a Temporal worker as polling needs. */
function fakeWorker() {
  const [down, dead] = [latch(), latch()];
  let state = 'INITIALIZED';
  const worker = {
    getState: () => state,
    run: async () => {
      state = 'RUNNING';
      await Promise.race([down.opened, dead.opened]);
      state = 'STOPPED';
      if (dead.isOpen()) throw new Error('the worker died');
    },
    shutdown: () => down.open(),
  };
  return { worker: worker as unknown as Worker, die: () => dead.open() };
}

const settled = () => new Promise((resolve) => setTimeout(resolve, 0));

async function poller() {
  const made: ReturnType<typeof fakeWorker>[] = [];
  let gate: Promise<void> = Promise.resolve();
  const create = async () => {
    await gate;
    const one = fakeWorker();
    made.push(one);
    return one.worker;
  };
  const started = await startPoller(create);
  const states = () => made.map(({ worker }) => worker.getState());
  return { ...started, made, states, hold: (until: Promise<void>) => (gate = until) };
}

test('a paused lane takes no work, and another worker follows when it is resumed', async () => {
  const lane = await poller();
  lane.pause();
  await settled();
  expect(lane.states()).toEqual(['STOPPED']);
  lane.resume();
  await settled();
  expect(lane.states()).toEqual(['STOPPED', 'RUNNING']);
  lane.stop();
  await lane.ended;
});

test('a pause that comes while the next worker is made stops that one too', async () => {
  const lane = await poller();
  const made = latch();
  lane.hold(made.opened);
  lane.pause();
  lane.resume();
  await settled();
  lane.pause();
  made.open();
  await settled();
  expect(lane.states()).toEqual(['STOPPED', 'STOPPED']);
  lane.stop();
  await lane.ended;
});

test('a stop ends a paused lane, with its error where there is one', async () => {
  const lane = await poller();
  lane.pause();
  lane.stop(new Error('taken over'));
  await expect(lane.ended).rejects.toThrow('taken over');
});

test('a worker that dies ends its lane', async () => {
  const lane = await poller();
  lane.made[0]?.die();
  await expect(lane.ended).rejects.toThrow('the worker died');
});
