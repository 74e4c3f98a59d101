import type { StageWorks } from '../../activities/index.ts';
import type { PaidCall, StageContext, StageProduct } from '../../activities/stage.ts';
import type { StageResults, Usage } from '../../domain/results.ts';
import { STAGE_NAMES, type StageName } from '../../domain/stages.ts';
import type { ArtifactRef } from '../../domain/video.ts';

const NOTHING: ArtifactRef = { key: 'none', sha256: '0'.repeat(64), bytes: 0 };

/** Results of the right shape with nothing behind them. */
const RESULTS: StageResults = {
  script_generation: {
    title: 'A test',
    description: '',
    tags: [],
    language: 'en',
    source: 'outline',
    whole: true,
    scenes: [],
  },
  audio_synthesis: {
    narration: NOTHING,
    durationMs: 0,
    sceneStartsMs: [],
    sentences: [],
    loudnessLufs: -14,
    truePeakDbtp: -2,
    voice: 'test-voice',
  },
  media_collection: { scenes: [] },
  video_rendering: {
    video: NOTHING,
    durationMs: 0,
    frames: 0,
    encoder: 'none',
    segmentsRendered: 0,
    segmentsReused: 0,
  },
  quality_validation: { score: 1, checks: [] },
  upload_preparation: { files: {} as StageResults['upload_preparation']['files'] },
};

/** What a stage that does nothing hands back. */
export function fakeProduct<T extends StageName>(stage: T): StageProduct<T> {
  return { result: RESULTS[stage], usage: [], providers: { fake: stage } };
}

/** Six works that finish at once, with some of them replaced. */
export function fakeWorks(replaced: Partial<StageWorks> = {}): StageWorks {
  const works = Object.fromEntries(STAGE_NAMES.map((stage) => [stage, async () => fakeProduct(stage)]));
  return { ...(works as unknown as StageWorks), ...replaced };
}

/** Works that ask `choose` at each call, so that each video of a running pipeline can have its own. */
export function worksByVideo(choose: (context: StageContext) => StageWorks): StageWorks {
  const works = Object.fromEntries(
    STAGE_NAMES.map((stage) => [stage, (context: StageContext) => choose(context)[stage](context)]),
  );
  return works as unknown as StageWorks;
}

/** Usage that the price list knows: a gpu slot costs $0.0003 a second, so 10,000 seconds are $3.00. */
export function gpuSeconds(quantity: number): Usage[] {
  const priced = { service: 'gpu_compute', provider: 'local', model: 'gpu-slot', unit: 'second' } as const;
  return [{ ...priced, operation: 'test', quantity }];
}

/** A call whose bill is that many gpu seconds, and whose hold may be of others. */
export function paidCall(seconds: number, most = seconds): PaidCall<string> {
  const [usage, held] = [gpuSeconds(seconds), gpuSeconds(most) as [Usage]];
  const inputs = [seconds, most];
  return { kind: 'test', inputs, most: held, shared: 'video', send: async () => ({ usage, answer: 'done' }) };
}

/** Work that ends only by its abort signal. */
export function untilAborted({ signal }: Pick<StageContext, 'signal'>): Promise<never> {
  return new Promise((_, reject) => {
    const stop = () => reject(new Error('stopped'));
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop);
  });
}
