import {
  ActivityFailure,
  ApplicationFailure,
  CancellationScope,
  CancelledFailure,
  isCancellation,
  patched,
  proxyActivities,
} from '@temporalio/workflow';
import type { StageActivities, StageFailureDetails } from '../domain/contract.ts';
import { ERROR_KINDS } from '../domain/errors.ts';
import type { StageName } from '../domain/stages.ts';
import { passBorder } from './control.ts';
import { showBorder } from './progress.ts';
import { assertAffordable, noteSpend } from './spend.ts';
import { stageOptions } from './stage-options.ts';
import type { VideoState } from './video-state.ts';

/**
 * Runs stages side by side, gated together, and returns when all of them have ended. A fatal failure of one
 * cancels the others; a retryable one lets them finish, since their results are kept. Throws the failure that
 * decides, or a CancelledFailure.
 */
export async function runStages(video: VideoState, ...names: StageName[]): Promise<void> {
  await passBorder(video);
  assertAffordable(video, names);
  if (CancellationScope.current().consideredCancelled) throw new CancelledFailure('cancelled between stages');
  video.running = names;
  showBorder(video);
  const failures: unknown[] = [];
  await CancellationScope.cancellable(async () => {
    const scope = CancellationScope.current();
    await Promise.all(
      names.map((name) =>
        runStage(video, name).catch((error: unknown) => {
          failures.push(error);
          if (isFatal(error)) scope.cancel();
        }),
      ),
    );
  });
  if (failures.length > 0) throw decisive(failures);
  video.running = [];
}

/** Another run mends no fatal failure, whatever failed before it; a cancellation only follows from another failure. */
function decisive(failures: readonly unknown[]): unknown {
  const first = failures.find((error) => !isCancellation(error)) ?? failures[0];
  const fatal = failures.find(isFatal) ?? first;
  // Histories from before threw the first one.
  return fatal === first || patched('fatal-first') ? fatal : first;
}

async function runStage(video: VideoState, name: StageName): Promise<void> {
  const { input, claimed: admission_no, lane } = video;
  if (!lane) throw new Error(`${name} must not run before the claim`);
  const stage = proxyActivities<StageActivities>(stageOptions(name, lane))[name];
  const outcome = await stage({ ...input, admission_no, lane });
  video.done.push(name);
  if (name === 'audio_synthesis') video.misfit = outcome.misfit ?? null;
  if (name === 'quality_validation') video.rejection = outcome.rejected ?? null;
  noteSpend(video, outcome);
}

/** What the stage wrapper says of a failed stage, or null when something else went wrong. */
export function stageFailureOf(error: unknown): StageFailureDetails | null {
  const cause = error instanceof ActivityFailure ? error.cause : undefined;
  if (!(cause instanceof ApplicationFailure)) return null;
  return (cause.details?.[0] as StageFailureDetails | undefined) ?? null;
}

function isFatal(error: unknown): boolean {
  const failure = stageFailureOf(error);
  return failure !== null && !failure.release && ERROR_KINDS[failure.kind].retry === 'never';
}
