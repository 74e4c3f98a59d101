import { Worker } from '@temporalio/worker';
import { type GpuCard, openCard } from '../activities/gpu-card.ts';
import { createStageActivities } from '../activities/index.ts';
import { SOFTWARE_ENCODER } from '../activities/providers/renderer.ts';
import { type Lane, placesOffered } from '../domain/lanes.ts';
import type { Deps } from '../infra/deps.ts';
import { admit } from '../infra/queue/admission.ts';
import { watchDisk } from '../infra/queue/disk-floor.ts';
import { LaneTakenOver, registerLane } from '../infra/queue/lane-workers.ts';
import type { Config } from '../infra/settings/config.ts';
import { awaitCard, watchCard } from './card-watch.ts';
import { type LanePoller, startPoller } from './lane-poller.ts';
import { createLaneReport } from './lane-report.ts';
import { type RunningWorker, type WorkerParts, workerOptions } from './parts.ts';
import { repeat } from './repeat.ts';

/**
 * Starts the worker of a lane, offers its places once it polls, and has videos admitted to them. When another
 * worker takes the lane over, this one drains, and `ended` rejects with a LaneTakenOver: two of them would run twice as many
 * stages as the machine has slots for. While the lane's graphics card does not encode, it offers and takes nothing; a
 * gpu lane that began without a card works in software until there is one.
 */
export async function startLaneWorker(parts: WorkerParts, lane: Lane): Promise<RunningWorker> {
  const card = lane === 'gpu' ? await openCard(parts.deps) : null;
  const worker = await startWorker(parts, lane, card);
  return lane === 'gpu' && card === null ? replacedByCard(parts, worker) : worker;
}

/** Once a card encodes, the stages that run in software end, and the lane starts anew with the card. */
function replacedByCard(parts: WorkerParts, software: RunningWorker): RunningWorker {
  let worker = software;
  let stopped = false;
  let stopLooking = (): void => undefined;
  const found = new Promise<GpuCard>((resolve) => {
    stopLooking = awaitCard(parts.deps, resolve);
  });
  const run = async () => {
    const card = await Promise.race([found, software.ended]).finally(stopLooking);
    if (!card || stopped) return software.ended;
    await software.stop();
    await software.ended;
    if (stopped) return;
    worker = await startWorker(parts, 'gpu', card);
    // Asked for while the worker was being made.
    if (stopped) await worker.stop();
    await worker.ended;
  };
  return {
    ended: run(),
    stop() {
      stopped = true;
      return worker.stop();
    },
  };
}

async function startWorker(parts: WorkerParts, lane: Lane, card: GpuCard | null): Promise<RunningWorker> {
  const { deps, works } = parts;
  const poller = await startPoller(() =>
    Worker.create({
      ...workerOptions(parts, lane),
      activities: createStageActivities(deps, works, card),
      maxConcurrentActivityTaskExecutions: deps.config.slots[lane],
    }),
  );
  try {
    const withdraw = await offerPlaces(deps, lane, card, poller);
    return { ended: poller.ended, stop: () => withdraw().finally(() => poller.stop()) };
  } catch (error) {
    poller.stop();
    await poller.ended;
    throw error;
  }
}

/** Registers the lane under a lease that is renewed until the returned function withdraws it. */
async function offerPlaces(
  deps: Deps,
  lane: Lane,
  card: GpuCard | null,
  poller: LanePoller,
): Promise<() => Promise<void>> {
  const { config, log } = deps;
  const places = placesOf(config, lane, card);
  const { name } = card?.encoder ?? SOFTWARE_ENCODER;
  const offer = { slots: config.slots[lane], places, encoder: name, device: card?.id ?? '' };
  const lease = await registerLane(deps, lane, offer);
  const report = createLaneReport(deps, lease, places, card);
  let withdrawn = false;
  const renew = () =>
    report().catch((error: unknown) => {
      // A renewal that its own withdrawal overtook was taken over by nobody.
      if (withdrawn) return;
      if (!(error instanceof LaneTakenOver)) throw error;
      stopRenewing();
      log.error(
        { err: error, lane },
        'the lane was taken over: its running stages end, and no new one is taken',
      );
      poller.stop(error);
    });
  const everyMs = config.times.leaseMs / 3;
  const stopRenewing = repeat(everyMs, `the lease of lane ${lane}`, log, renew);
  const stopLooking = card ? watchCard(deps, card, poller, renew, everyMs) : () => undefined;
  // Known before the first video is admitted to the new places.
  await watchDisk(deps);
  const stopWatching = repeat(everyMs, 'the look at the free disk', log, () => watchDisk(deps));
  await admit(deps);
  return () => {
    withdrawn = true;
    stopRenewing();
    stopLooking();
    stopWatching();
    return lease.drop();
  };
}

function placesOf({ places, machine, slots }: Config, lane: Lane, card: GpuCard | null): number {
  return places[lane] ?? placesOffered(lane, { ...machine, hardwareEncoder: card !== null }, slots[lane]);
}
