import type { PaidCall, StageContext } from '../../activities/stage.ts';
import { ADMITTED, CHARGE_RECORDED } from '../../domain/contract.ts';
import { StageError } from '../../domain/errors.ts';
import type { StageName } from '../../domain/stages.ts';
import { COMPLEXITIES } from '../../domain/video.ts';
import { recordExternalCharge } from '../../infra/money/ledger.ts';
import { cancelVideo } from '../../infra/moves/cancel.ts';
import { changeVideo } from '../../infra/moves/change.ts';
import { MoveError } from '../../infra/moves/move.ts';
import { emergencyHalt, pauseAll, pauseVideo, resumeAll, resumeVideo } from '../../infra/moves/pause.ts';
import { retryVideo } from '../../infra/moves/retry.ts';
import { commitAdmission } from '../../infra/queue/admission.ts';
import { fakeProduct, paidCall, untilAborted } from './fake-works.ts';
import type { TestPipeline } from './test-pipeline.ts';
import type { Turns } from './turns.ts';

/** A stage that mostly works, often after a paid call, and now and then fails in each of the ways that a stage can. */
export function moodyWork<T extends StageName>(stage: T, random: () => number, turns: Turns) {
  return async (context: StageContext) => {
    if (random() < 0.4) await context.pay(moodyCall(context, random, turns));
    const mood = random();
    if (mood < 0.06) throw new StageError('missing_data', 'a bad day');
    if (mood < 0.08) throw new StageError('invalid_input', 'a bad order');
    if (mood < 0.11) throw new StageError('infrastructure', 'a bad server');
    return fakeProduct(stage);
  };
}

/**
 * A call that costs up to $0.30, more than was set aside for it or less. Some are refused unbilled, of some the answer
 * is lost, and some hang until their attempt is stopped, or at the longest until the next move is made.
 */
function moodyCall({ signal }: StageContext, random: () => number, turns: Turns): PaidCall<string> {
  const [seconds, most] = [1 + Math.floor(random() * 1_000), 1 + Math.floor(random() * 1_500)];
  const call = paidCall(seconds, most);
  const mood = random();
  const send = async () => {
    if (mood < 0.1) throw new StageError('infrastructure', 'a call that did not arrive', { unbilled: true });
    if (mood < 0.2) throw new StageError('infrastructure', 'a call whose answer was lost');
    if (mood < 0.6) await Promise.race([turns.next(), untilAborted({ signal })]);
    return call.send();
  };
  return { ...call, send };
}

type Move = (pipeline: TestPipeline, ids: string[], random: () => number) => Promise<unknown>;

const anyOf = <T>(list: readonly T[], random: () => number) => list[Math.floor(random() * list.length)];

/** For a move that the state of its video may forbid, which is no fault. */
export function unlessForbidden(error: unknown): void {
  if (!(error instanceof MoveError)) throw error;
}

/** A move of any video. */
const ofOne =
  (move: (pipeline: TestPipeline, id: string, random: () => number) => Promise<unknown>): Move =>
  async (pipeline, ids, random) => {
    const id = anyOf(ids, random);
    if (id) await move(pipeline, id, random).catch(unlessForbidden);
  };

const submitOne: Move = async (pipeline, ids, random) => {
  const complexity = anyOf(COMPLEXITIES, random) ?? 'simple';
  ids.push(await pipeline.submit({ complexity, priority: 1 + Math.floor(random() * 10) }));
};

const uploadOf = (video_id: string, random: () => number) => ({
  ...{ video_id, id: String(random()), service: 'youtube_api', operation: 'upload' },
  amount: 1 + Math.floor(random() * 800_000),
});

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
  charge: ofOne(({ deps }, id, random) => recordExternalCharge(deps, uploadOf(id, random))),
  chargeTwice: ofOne(({ deps }, id, random) => {
    const upload = uploadOf(id, random);
    return Promise.all([recordExternalCharge(deps, upload), recordExternalCharge(deps, upload)]);
  }),
  chargeBySignal: ofOne((pipeline, id, random) =>
    pipeline
      .handle(id)
      .signal(CHARGE_RECORDED, { id: String(random()), amount: Math.ceil(random() * 80) / 100 })
      .catch(() => undefined),
  ),
  changeCap: ofOne(({ deps }, id, random) =>
    changeVideo(deps, id, 'test', { max_cost: 400_000 + Math.floor(random() * 4_600_000) }),
  ),
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

/** Makes `count` random moves, some at once, a turn after each; answers the ids of all videos. */
export async function makeMoves(
  pipeline: TestPipeline,
  count: number,
  random: () => number,
  turns: Turns,
): Promise<string[]> {
  const ids: string[] = [];
  for (let made = 0; made < count; ) {
    const together = 1 + Math.floor(random() * 3);
    const names = Array.from({ length: together }, () => anyOf(Object.keys(MOVES), random) ?? 'submit');
    // Two deaths of the workers at once would be one.
    const moves = names.filter((name, i) => name !== 'workerDeath' || names.indexOf(name) === i);
    await Promise.all(moves.map((name) => MOVES[name]?.(pipeline, ids, random)));
    made += together;
    turns.go();
  }
  turns.end();
  return ids;
}
