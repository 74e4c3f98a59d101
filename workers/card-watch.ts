import { type GpuCard, openCard } from '../activities/gpu-card.ts';
import type { Deps } from '../infra/deps.ts';
import { admit } from '../infra/queue/admission.ts';
import type { LanePoller } from './lane-poller.ts';
import { repeat } from './repeat.ts';

/** A look for a card starts programs, so it is seldom: once a minute. */
const CARD_LOOK_LEASES = 4;

/**
 * Reads the card's figures again and again, and tries it again while it does not encode. A card that stops encoding
 * withdraws its places, before anybody else hears of it, and takes no more work until it encodes again. Returns how
 * the watch ends.
 */
export function watchCard(
  deps: Deps,
  card: GpuCard,
  poller: LanePoller,
  report: () => Promise<void>,
  everyMs: number,
): () => void {
  const { log, events, config } = deps;
  const lane = { video_id: null, lane: 'gpu', machine: config.machine.id } as const;
  card.onChange(async () => {
    const trouble = card.trouble();
    // Without Postgres no video is admitted either, and the next renewal tells it.
    await report().catch((error: unknown) => log.warn({ err: error }, 'the places were not withdrawn yet'));
    if (trouble === null) {
      log.info('the graphics card encodes again');
      poller.resume();
      await events.publish({ type: 'lane.up', ...lane });
      await admit(deps);
      return;
    }
    log.error({ trouble }, 'the graphics card does not encode any more: the gpu lane takes no work');
    poller.pause();
    await events.publish({ type: 'lane.down', ...lane, reason: trouble });
  });
  return repeat(everyMs, 'the look at the graphics card', log, async () => {
    await card.read();
    if (card.trouble() !== null) await card.check();
  });
}

/**
 * Looks for a card again and again on a machine that had none that encodes when its worker started, and hands over the
 * first that does. Says nothing while there is none. Returns how the look ends.
 */
export function awaitCard(deps: Deps, found: (card: GpuCard) => void): () => void {
  const quiet = { ...deps, log: deps.log.child({}, { level: 'silent' }) };
  const stop = repeat(
    CARD_LOOK_LEASES * deps.config.times.leaseMs,
    'the look for a card',
    deps.log,
    async () => {
      const card = await openCard(quiet);
      if (card === null) return;
      stop();
      deps.log.info({ card: card.id, encoder: card.encoder.name }, 'the graphics card encodes now');
      found(card);
    },
  );
  return stop;
}
