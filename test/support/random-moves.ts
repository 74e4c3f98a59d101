import { ADMITTED } from '../../domain/contract.ts';
import { StageError } from '../../domain/errors.ts';
import type { StageName } from '../../domain/stages.ts';
import { COMPLEXITIES } from '../../domain/video.ts';
import { cancelVideo } from '../../infra/moves/cancel.ts';
import { MoveError } from '../../infra/moves/move.ts';
import { emergencyHalt, pauseAll, pauseVideo, resumeAll, resumeVideo } from '../../infra/moves/pause.ts';
import { retryVideo } from '../../infra/moves/retry.ts';
import { commitAdmission } from '../../infra/queue/admission.ts';
import { fakeProduct } from './fake-works.ts';
import type { TestPipeline } from './test-pipeline.ts';

/** A stage that mostly works, and now and then fails in each of the ways that a stage can. */
export function moodyWork<T extends StageName>(stage: T, random: () => number) {
  return async () => {
    const mood = random();
    if (mood < 0.06) throw new StageError('missing_data', 'a bad day');
    if (mood < 0.08) throw new StageError('invalid_input', 'a bad order');
    if (mood < 0.11) throw new StageError('infrastructure', 'a bad server');
    return fakeProduct(stage);
  };
}

type Move = (pipeline: TestPipeline, ids: string[], random: () => number) => Promise<unknown>;

const anyOf = <T>(list: readonly T[], random: () => number) => list[Math.floor(random() * list.length)];

/** For a move that the state of its video may forbid, which is no fault. */
export function unlessForbidden(error: unknown): void {
  if (!(error instanceof MoveError)) throw error;
}

/** A move of any video. */
const ofOne =
  (move: (pipeline: TestPipeline, id: string) => Promise<unknown>): Move =>
  async (pipeline, ids, random) => {
    const id = anyOf(ids, random);
    if (id) await move(pipeline, id).catch(unlessForbidden);
  };

const submitOne: Move = async (pipeline, ids, random) => {
  const complexity = anyOf(COMPLEXITIES, random) ?? 'simple';
  ids.push(await pipeline.submit({ complexity, priority: 1 + Math.floor(random() * 10) }));
};

/** Everything that may happen to a pipeline, the frequent things named more often. */
export const MOVES: Record<string, Move> = {
  submit: submitOne,
  submitAgain: submitOne,
  submitMore: submitOne,
  cancel: ofOne(({ deps }, id) => cancelVideo(deps, id, 'test')),
  cancelInTemporal: ofOne((pipeline, id) =>
    pipeline
      .handle(id)
      .cancel()
      .catch(() => undefined),
  ),
  terminate: ofOne((pipeline, id) =>
    pipeline
      .handle(id)
      .terminate()
      .catch(() => undefined),
  ),
  pause: ofOne(({ deps }, id) => pauseVideo(deps, id, 'test')),
  resume: ofOne(({ deps }, id) => resumeVideo(deps, id, 'test')),
  retry: ofOne(({ deps }, id) => retryVideo(deps, id, 'test')),
  pauseAll: ({ deps }) => pauseAll(deps, 'test'),
  resumeAll: ({ deps }) => resumeAll(deps, 'test'),
  halt: ({ deps }, _, random) => (random() < 0.3 ? emergencyHalt(deps, 'test') : Promise.resolve()),
  workerDeath: async (pipeline) => {
    await pipeline.stopWorkers();
    await pipeline.startWorkers();
  },
  // Committed and never delivered: the API died between the two.
  lostDelivery: ({ deps }) => commitAdmission(deps),
  lateDelivery: ofOne((pipeline, id) =>
    pipeline
      .handle(id)
      .signal(ADMITTED, { admission_no: 1, lane: 'cpu' })
      .catch(() => undefined),
  ),
  doubledDelivery: ofOne(async (pipeline, id) => {
    const signal = { admission_no: 2, lane: 'gpu' } as const;
    const handle = pipeline.handle(id);
    await Promise.all([handle.signal(ADMITTED, signal), handle.signal(ADMITTED, signal)]).catch(
      () => undefined,
    );
  }),
};

/** Makes `count` random moves, some at once; answers the ids of all videos. */
export async function makeMoves(
  pipeline: TestPipeline,
  count: number,
  random: () => number,
): Promise<string[]> {
  const ids: string[] = [];
  for (let made = 0; made < count; ) {
    const together = 1 + Math.floor(random() * 3);
    const names = Array.from({ length: together }, () => anyOf(Object.keys(MOVES), random) ?? 'submit');
    // Two deaths of the workers at once would be one.
    const moves = names.filter((name, i) => name !== 'workerDeath' || names.indexOf(name) === i);
    await Promise.all(moves.map((name) => MOVES[name]?.(pipeline, ids, random)));
    made += together;
  }
  return ids;
}
