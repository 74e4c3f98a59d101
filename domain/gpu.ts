import type { Complexity } from './video.ts';

export const GIB = 1024 ** 3;

/** What videos may reserve together of a card of 32 GiB; the rest is left to the driver and the desktop. */
export const GPU_BUDGET_BYTES = 28 * GIB;
/** Left alone beside what nvidia-smi says is free. */
export const GPU_SPARE_BYTES = 1024 ** 3;
/** What a smaller card keeps for itself. */
const KEPT_BY_CARD_BYTES = 2 * GIB;

const NEED_BYTES: Record<Complexity, number> = { simple: 6 * GIB, complex: 9 * GIB, premium: 12 * GIB };
const LONG_VIDEO_S = 180;
const LONG_VIDEO_FACTOR = 1.2;

/** Graphics memory that rendering a video reserves, in bytes; `duration` is its length in seconds. */
export function gpuNeed(complexity: Complexity, duration: number): number {
  return NEED_BYTES[complexity] * (duration > LONG_VIDEO_S ? LONG_VIDEO_FACTOR : 1);
}

/** What may be reserved of a card with so many bytes in all; null = unknown, and taken for a large one. */
export function gpuBudget(totalBytes: number | null): number {
  if (totalBytes === null) return GPU_BUDGET_BYTES;
  return Math.max(GIB, Math.min(GPU_BUDGET_BYTES, totalBytes - KEPT_BY_CARD_BYTES));
}
