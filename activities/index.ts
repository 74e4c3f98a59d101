import type { StageActivities } from '../domain/contract.ts';
import { threadsPerJob } from '../domain/lanes.ts';
import { STAGES, type StageName } from '../domain/stages.ts';
import type { Deps } from '../infra/deps.ts';
import { createAudioSynthesis } from './audio-synthesis.ts';
import { createOwnMedia } from './footage/own.ts';
import type { GpuCard } from './gpu-card.ts';
import { createMediaCollection } from './media-collection.ts';
import { gatedFootage, gatedLlm, gatedSpeech, gatedTranscriber } from './providers/gated-ports.ts';
import { createNarrationSpeeds } from './providers/narration-speeds.ts';
import { createQualityValidation } from './quality-validation.ts';
import { runStage } from './run-stage.ts';
import { createScriptGeneration } from './script-generation.ts';
import type { StageWork } from './stage.ts';
import { createUploadPreparation } from './upload-preparation.ts';
import { createVideoRendering } from './video-rendering.ts';

/** The works of the six stages. */
export type StageWorks = { [T in StageName]: StageWork<T> };

/** The six stage activities: each work inside the one wrapper, on a worker with that card. Tests give works of their own. */
export function createStageActivities(
  deps: Deps,
  works: StageWorks = realWorks(deps),
  card: GpuCard | null = null,
): StageActivities {
  const wrap = <T extends StageName>(name: T) =>
    runStage(deps, STAGES[name], works[name] as StageWork<T>, card);
  return {
    script_generation: wrap('script_generation'),
    audio_synthesis: wrap('audio_synthesis'),
    media_collection: wrap('media_collection'),
    video_rendering: wrap('video_rendering'),
    quality_validation: wrap('quality_validation'),
    upload_preparation: wrap('upload_preparation'),
  };
}

function realWorks(deps: Deps): StageWorks {
  const { config } = deps;
  const { tools, machine, minFreeDiskBytes } = config;
  const speeds = createNarrationSpeeds(deps);
  return {
    script_generation: createScriptGeneration(gatedLlm(deps), speeds),
    audio_synthesis: createAudioSynthesis(gatedSpeech(deps), config, gatedTranscriber(deps), speeds),
    media_collection: createMediaCollection(gatedFootage(deps), createOwnMedia(deps)),
    video_rendering: createVideoRendering(tools, threadsPerJob(machine.cores), minFreeDiskBytes),
    quality_validation: createQualityValidation(tools),
    upload_preparation: createUploadPreparation(tools),
  };
}
