import { Worker } from '@temporalio/worker';
import { createStageActivities } from '../activities/index.ts';
import { chooseEncoder } from '../activities/providers/renderer-ffmpeg.ts';
import { type Lane, placesOffered } from '../domain/lanes.ts';
import { admit } from '../infra/admission.ts';
import type { Deps } from '../infra/deps.ts';
import { watchDisk } from '../infra/disk-floor.ts';
import { LaneTakenOver, registerLane } from '../infra/lane-workers.ts';
import { type RunningWorker, type WorkerParts, workerOptions } from './parts.ts';
import { repeat } from './repeat.ts';

/**
 * Starts the worker of a lane, offers its places once it polls, and has videos admitted to them. When another
 * worker takes the lane over, this one drains, and `ended` rejects with a LaneTakenOver: two of them would run twice as many
 * stages as the machine has slots for.
 */
export async function startLaneWorker(parts: WorkerParts, lane: Lane): Promise<RunningWorker> {
  const { deps, works } = parts;
  const worker = await Worker.create({
    ...workerOptions(parts, lane),
    activities: createStageActivities(deps, works),
    maxConcurrentActivityTaskExecutions: deps.config.slots[lane],
  });
  let lost: LaneTakenOver | null = null;
  const drain = () => {
    if (worker.getState() === 'RUNNING') worker.shutdown();
  };
  const ended = worker.run().then(() => {
    if (lost) throw lost;
  });
  const onLost = (error: LaneTakenOver) => {
    deps.log.error(
      { err: error, lane },
      'the lane was taken over: its running stages end, and no new one is taken',
    );
    lost = error;
    drain();
  };
  try {
    const withdraw = await offerPlaces(deps, lane, onLost);
    return { ended, stop: () => withdraw().finally(drain) };
  } catch (error) {
    drain();
    await ended;
    throw error;
  }
}

/** Registers the lane under a lease that is renewed until the returned function withdraws it. */
async function offerPlaces(
  deps: Deps,
  lane: Lane,
  onLost: (error: LaneTakenOver) => void,
): Promise<() => Promise<void>> {
  const { config, log } = deps;
  const { name, hardware } = await chooseEncoder(config.tools, lane);
  const slots = config.slots[lane];
  const places =
    config.places[lane] ?? placesOffered(lane, { ...config.machine, hardwareEncoder: hardware }, slots);
  const lease = await registerLane(deps, lane, { slots, places, encoder: name });
  const stopRenewing = repeat(config.times.leaseMs / 3, `the lease of lane ${lane}`, log, () =>
    lease.renew().catch((error: unknown) => {
      if (!(error instanceof LaneTakenOver)) throw error;
      stopRenewing();
      onLost(error);
    }),
  );
  // Known before the first video is admitted to the new places.
  await watchDisk(deps);
  const stopWatching = repeat(config.times.leaseMs / 3, 'the look at the free disk', log, () =>
    watchDisk(deps),
  );
  await admit(deps);
  return () => {
    stopRenewing();
    stopWatching();
    return lease.drop();
  };
}
