import type { Logger } from '../logger.ts';
import { type GpuReading, queryGpu } from './nvidia-smi.ts';

/** The figures of one card, as often as they are asked for. */
export interface GpuReader {
  /** Asks nvidia-smi; null when it tells nothing now. Callers at once share one question. Never throws. */
  read(): Promise<GpuReading | null>;
  /** The newest answer; null before the first, and after one that failed. */
  last(): GpuReading | null;
}

/** Reads the card of that index or UUID, else the first. A failure is logged when it begins, not each time. */
export function createGpuReader(program: string, card: string | null, log: Logger): GpuReader {
  let asking: Promise<GpuReading | null> | null = null;
  let newest: GpuReading | null = null;
  const ask = async () => {
    try {
      return await queryGpu(program, card);
    } catch (error) {
      if (newest) log.warn({ err: error }, 'the graphics card has no figures now');
      else log.debug({ err: error }, 'no figures of a graphics card');
      return null;
    }
  };
  return {
    read() {
      asking ??= ask().then((answer) => {
        asking = null;
        newest = answer;
        return answer;
      });
      return asking;
    },
    last: () => newest,
  };
}
