import { randomUUID } from 'node:crypto';
import { extname } from 'node:path';
import { overallProgress } from '../domain/progress.ts';
import type { StageResults, Warning } from '../domain/results.ts';
import { STAGE_NAMES, type StageName } from '../domain/stages.ts';
import type { Order } from '../domain/video.ts';
import { billOf } from '../infra/money/bill.ts';
import type { BegunRun } from '../infra/stages/stage-records.ts';
import type { Attempt } from './attempt.ts';
import { pay } from './pay.ts';
import type { StageContext } from './stage.ts';

const PROGRESS_EVERY_MS = 500;
const RUN_CHARS = 8;

export interface Loaded {
  order: Order;
  results: Partial<StageResults>;
}

/** What a stage's work sees of its attempt that has begun. Warnings are collected in `warnings`. */
export function createContext(
  attempt: Attempt,
  { id: run, made_before: madeBefore }: Pick<BegunRun, 'id' | 'made_before'>,
  { order, results }: Loaded,
  workDir: string,
  warnings: Warning[],
): StageContext {
  const { deps, spec, input, signal } = attempt;
  const { artifacts } = deps;
  const published = `${input.video_id}/${spec.name}/${folderOf(attempt)}`;
  const keptKey = (name: string) => `${input.video_id}/kept/${name}`;
  return {
    videoId: input.video_id,
    stage: spec.name,
    triesLeft: attempt.triesLeft,
    madeBefore,
    order,
    lane: input.lane,
    card: attempt.card,
    workDir,
    signal,
    results,
    log: attempt.log,
    progress: progressReporter(attempt, doneOf(results)),
    fetch: (ref) => artifacts.open(ref, signal),
    publish: (path, name) => artifacts.put(path, `${published}/${name}`, signal),
    kept: {
      find: (name) => artifacts.find(keptKey(name), signal),
      keep: async (path, name) => artifacts.open(await artifacts.put(path, keptKey(name), signal), signal),
    },
    pay: (call) => pay(attempt, run, call),
    share: (path, folder) => artifacts.put(path, `shared/${folder}/${randomUUID()}${extname(path)}`, signal),
    bill: () => billOf(deps.pool, input.video_id),
    warn: (code, message) => void warnings.push({ stage: spec.name, code, message: attempt.hide(message) }),
  };
}

function folderOf({ run }: Attempt): string {
  return `${run.run_id.slice(0, RUN_CHARS)}-${run.activity_id}-${run.attempt}`;
}

/** Stages with a stored result. */
export function doneOf(results: Partial<StageResults>): StageName[] {
  return STAGE_NAMES.filter((name) => results[name] !== undefined);
}

/** Progress goes to watchers alone, twice a second at most; the row learns of it when the stage ends. */
function progressReporter({ deps, spec, input }: Attempt, done: StageName[]): StageContext['progress'] {
  let lastAt = 0;
  return (share, note) => {
    const now = Date.now();
    if (now - lastAt < PROGRESS_EVERY_MS) return;
    lastAt = now;
    void deps.events.publish({
      type: 'stage.progress',
      video_id: input.video_id,
      stage: spec.name,
      percent: Math.round(share * 1000) / 10,
      progress: overallProgress(done, { [spec.name]: share }),
      ...(note !== undefined && { note }),
    });
  };
}
