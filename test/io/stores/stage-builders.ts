import type { StageInput } from '../../../domain/contract.ts';
import type { StageResults } from '../../../domain/results.ts';
import type { StageName } from '../../../domain/stages.ts';
import type { ArtifactName, ArtifactRef } from '../../../domain/video.ts';
import { ARTIFACT_NAMES } from '../../../domain/video.ts';
import type { Deps } from '../../../infra/deps.ts';
import { beginRun } from '../../../infra/stages/stage-records.ts';

const ref: ArtifactRef = { key: 'k', sha256: 'aa', bytes: 1 };

/** A small result of each stage, in the shape that the stages make. */
export const results: StageResults = {
  script_generation: {
    title: 'T',
    description: 'D',
    tags: [],
    language: 'en',
    source: 'article',
    scenes: [],
  },
  audio_synthesis: {
    narration: ref,
    durationMs: 61_000,
    sceneStartsMs: [],
    sentences: [],
    loudnessLufs: -14,
    truePeakDbtp: -2,
    voice: 'test-voice',
  },
  media_collection: { scenes: [] },
  video_rendering: {
    video: ref,
    durationMs: 61_000,
    frames: 1830,
    encoder: 'libx264',
    segmentsRendered: 1,
    segmentsReused: 0,
  },
  quality_validation: { score: 1, checks: [] },
  upload_preparation: {
    files: Object.fromEntries(ARTIFACT_NAMES.map((name) => [name, ref])) as Record<ArtifactName, ArtifactRef>,
  },
};

/** Begins the attempt of an activity that is named after its stage. */
export function beginAs(deps: Deps, input: StageInput, stage: StageName, attempt = 1, run_id = 'run-1') {
  const run = { run_id: `${input.video_id}/${run_id}`, activity_id: stage, attempt };
  return beginRun(deps, input, stage, run, 'worker-1');
}
