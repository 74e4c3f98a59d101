import { gpuBudget } from '../domain/gpu.ts';
import type { Deps } from '../infra/deps.ts';
import { createGpuMemory, type GpuMemory } from '../infra/gpu/memory.ts';
import type { GpuReading } from '../infra/gpu/nvidia-smi.ts';
import { createGpuReader } from '../infra/gpu/reader.ts';
import type { Encoder } from './providers/renderer.ts';
import { chooseEncoder, encodingFault } from './providers/renderer-ffmpeg.ts';

/** The graphics card of a gpu worker. */
export interface GpuCard {
  encoder: Encoder;
  /** UUID of an NVIDIA card, else what GPU_ID says; '' when neither is known. */
  id: string;
  memory: GpuMemory;
  /** Why it does not encode; null while it does. */
  trouble(): string | null;
  /**
   * Encodes a frame, now: null when that works, else why not. Whoever listens has heard of a change by then, so that
   * no video is admitted to a card that is known to be gone. Callers at once share one trial.
   */
  check(): Promise<string | null>;
  /** Called, and waited for, whenever the card stops encoding or encodes again. */
  onChange(listener: () => Promise<void>): void;
  /** Figures of now; null where nvidia-smi tells none. */
  read(): Promise<GpuReading | null>;
  /** The newest figures. */
  last(): GpuReading | null;
}

const RECHECK_MS = 1_000;

/** The card of this machine, or the one that GPU_ID names; null when none encodes, so that the lane works in software. */
export async function openCard(deps: Deps): Promise<GpuCard | null> {
  const { config, log } = deps;
  const { tools, machine, slots } = config;
  const reader = createGpuReader(machine.nvidiaSmi, machine.gpu, log);
  const reading = await reader.read();
  const id = reading?.uuid ?? machine.gpu ?? '';
  const encoder = await chooseEncoder(tools, 'gpu', id || null);
  if (!encoder.hardware) {
    if (id !== '')
      log.warn({ card: id }, 'the graphics card encodes nothing: the gpu lane works in software');
    return null;
  }
  // It came back between the two looks: without the first nobody knows which card it is, and how large.
  if (reading === null && (await reader.read()) !== null) return openCard(deps);
  log.info({ card: id, encoder: encoder.name }, 'the graphics card encodes');
  const health = createHealth(() => encodingFault(tools.ffmpeg, encoder));
  const memory = createGpuMemory({
    budgetBytes: gpuBudget(reading?.memoryTotalBytes ?? null),
    most: slots.gpu,
    freeBytes: async () => (await reader.read())?.memoryFreeBytes ?? null,
    recheckMs: RECHECK_MS,
  });
  return { encoder, id, memory, ...health, read: reader.read, last: reader.last };
}

/** Whether a trial works, as of the last one. */
function createHealth(tryIt: () => Promise<string | null>): Pick<GpuCard, 'trouble' | 'check' | 'onChange'> {
  let trouble: string | null = null;
  let trying: Promise<string | null> | null = null;
  const listeners: (() => Promise<void>)[] = [];
  const judge = async () => {
    const found = await tryIt();
    const changed = (found === null) !== (trouble === null);
    trouble = found;
    if (changed) await Promise.all(listeners.map((tell) => tell()));
    return found;
  };
  return {
    trouble: () => trouble,
    check() {
      trying ??= judge().finally(() => {
        trying = null;
      });
      return trying;
    },
    onChange: (listener) => void listeners.push(listener),
  };
}
