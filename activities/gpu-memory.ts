import { StageError } from '../domain/errors.ts';
import { gpuNeed } from '../domain/gpu.ts';
import type { Order } from '../domain/video.ts';
import type { Attempt } from './attempt.ts';

/** Room that start-to-close leaves on the gpu lane, less the time that an attempt takes to end. */
const LONGEST_WAIT_MS = 590_000;

/**
 * Reserves the graphics memory of a stage that uses the card, which is the render; waits for it while the heart beats,
 * and answers how it is given back. Time spent waiting is not billed. Throws the reason of a cancel, and a StageError
 * `infrastructure` when another program has kept the memory for ten minutes.
 */
export async function takeGpuMemory(
  attempt: Attempt,
  run: number,
  order: Pick<Order, 'complexity' | 'duration'>,
): Promise<() => void> {
  const { card, spec, input, log } = attempt;
  if (!card || spec.name !== 'video_rendering') return () => undefined;
  const job = {
    run,
    videoId: input.video_id,
    stage: spec.name,
    bytes: gpuNeed(order.complexity, order.duration),
  };
  const tooLong = AbortSignal.timeout(LONGEST_WAIT_MS);
  try {
    return await card.memory.take(job, AbortSignal.any([attempt.signal, tooLong]));
  } catch (reason) {
    if (attempt.signal.aborted) throw reason;
    throw new StageError('infrastructure', 'no graphics memory was free for ten minutes');
  } finally {
    const waitedMs = Date.now() - attempt.startedAtMs;
    if (waitedMs > 1_000) log.info({ waitedMs }, 'waited for graphics memory');
    attempt.startedAtMs = Date.now();
  }
}
