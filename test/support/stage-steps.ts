import type { StageWorks } from '../../activities/index.ts';
import type { StageContext } from '../../activities/stage.ts';
import type { Usage } from '../../domain/results.ts';
import { STAGE_NAMES, type StageName } from '../../domain/stages.ts';
import { fakeProduct, gpuSeconds } from './fake-works.ts';
import { eventually } from './test-pipeline.ts';

/** Works that stand still half way through a stage while a test holds it. */
export interface StageSteps {
  works: StageWorks;
  /** From now on these stages stop half way, until they are let go. */
  hold(stages?: readonly StageName[]): void;
  letGo(stages?: readonly StageName[]): void;
}

/** Each stage uses that many seconds of a gpu slot, at $0.0003. */
export function stageSteps(seconds = 100, replaced: Partial<StageWorks> = {}): StageSteps {
  const held = new Set<StageName>();
  const half = async (stage: StageName, { progress, signal }: StageContext): Promise<Usage[]> => {
    progress(0.5, 'half way');
    await eventually(
      () => signal.aborted || !held.has(stage),
      (free) => free,
      50_000,
    );
    signal.throwIfAborted();
    return gpuSeconds(seconds);
  };
  const works = Object.fromEntries(
    STAGE_NAMES.map((stage) => [
      stage,
      async (context: StageContext) => {
        const usage = await half(stage, context);
        const made = replaced[stage] as ((context: StageContext) => Promise<object>) | undefined;
        return { ...(made ? await made(context) : fakeProduct(stage)), usage };
      },
    ]),
  );
  return {
    works: works as unknown as StageWorks,
    hold: (stages = STAGE_NAMES) => {
      for (const stage of stages) held.add(stage);
    },
    letGo: (stages = STAGE_NAMES) => {
      for (const stage of stages) held.delete(stage);
    },
  };
}
