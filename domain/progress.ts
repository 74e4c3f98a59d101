import { STAGE_NAMES, type StageName } from './stages.ts';

/** Share of a video's work that each stage is, in percent; audio and media run side by side. Sums to 100. */
const WEIGHT: Record<StageName, number> = {
  script_generation: 5,
  audio_synthesis: 10,
  media_collection: 10,
  video_rendering: 60,
  quality_validation: 10,
  upload_preparation: 5,
};

/** Percent of the whole video, from the finished stages and the share (0 to 1) of those that run. */
export function overallProgress(
  done: readonly StageName[],
  running: Partial<Record<StageName, number>> = {},
): number {
  let total = 0;
  for (const name of STAGE_NAMES) {
    const share = done.includes(name) ? 1 : Math.min(1, Math.max(0, running[name] ?? 0));
    total += WEIGHT[name] * share;
  }
  return Math.round(total * 10) / 10;
}
