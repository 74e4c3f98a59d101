import type { Lane } from '../domain/lanes.ts';
import type { Bill, Providers, StageResults, Usage } from '../domain/results.ts';
import type { StageName } from '../domain/stages.ts';
import type { ArtifactRef, Order } from '../domain/video.ts';
import type { Logger } from '../infra/logger.ts';
import type { GpuCard } from './gpu-card.ts';

/** What the stage wrapper (run-stage.ts) gives to a stage's own work. */
export interface StageContext {
  videoId: string;
  stage: StageName;
  /** Attempts that the stage has left in this run of the video, this one among them; 0 after an earlier run's last. */
  triesLeft: number;
  /** Results of the stage that this video had and that were dropped, to be made anew. */
  madeBefore: number;
  order: Order;
  lane: Lane;
  /** The worker's graphics card; null on a lane that encodes in software. */
  card: Pick<GpuCard, 'encoder' | 'check'> | null;
  /** Empty folder of this attempt alone; removed when the attempt ends, however it ends. */
  workDir: string;
  /** Aborts on cancellation, on the stage's limit and on worker shutdown; every child and call gets it. */
  signal: AbortSignal;
  /** Results of the stages that are finished. */
  results: Partial<StageResults>;
  log: Logger;
  /** Share of this stage's work that is done, 0 to 1, with what it is doing now. */
  progress(share: number, note?: string): void;
  /** Local path of an artifact; its hash is checked. Throws a StageError when it is missing or changed. */
  fetch(ref: ArtifactRef): Promise<string>;
  /** Moves a finished file of the work folder into the store, under this attempt's key and that name. */
  publish(path: string, name: string): Promise<ArtifactRef>;
  /**
   * Files that outlive an attempt (finished render segments), found again by the hash of what they are made
   * from: the stored file's path, or null. They are removed when the video is settled.
   */
  kept: { find(name: string): Promise<string | null>; keep(path: string, name: string): Promise<string> };
  /**
   * The only way to money while the stage runs: takes the stored answer, else sets the call's price aside, makes the
   * call, and records what it cost together with its answer. Throws what the call threw, a StageError `cost_limit`
   * when the call does not fit under the cap, `invalid_input` when it has no price. What closes the stage is in
   * StageProduct.usage instead.
   */
  pay<A>(call: PaidCall<A>): Promise<A>;
  /** Copies a finished file to where every video may use it, under a name of its own. */
  share(path: string, folder: string): Promise<ArtifactRef>;
  /** The ledger so far, as the bill of the upload folder. */
  bill(): Promise<Bill>;
  /** A problem that the video survives. */
  warn(code: string, message: string): void;
}

/** A call that costs money. */
export interface PaidCall<A> {
  kind: string;
  /** All that the answer is made from, beside provider and model: equal inputs get the stored answer. */
  inputs: unknown;
  /** The most that it can cost. The first line names the call in the ledger. */
  most: readonly [Usage, ...Usage[]];
  /** Who may use the answer: this video's attempts, rounds, resets and retries, or every video. */
  shared: 'video' | 'all';
  /** Older answers are asked for anew. */
  maxAgeMs?: number;
  send(): Promise<Sent<A>>;
  /** Makes a stored answer usable again; null when that is not possible any more. Default: as it was stored. */
  reuse?(stored: A): Promise<A | null>;
}

/**
 * What came of a call that was billed. What `send` throws instead was not billed when it is a StageError that says so,
 * else it is billed at its most, to be safe.
 */
export type Sent<A> =
  | {
      usage: readonly Usage[];
      answer: A;
      /** False: of no use to another attempt. */
      keep?: boolean;
    }
  | { usage: readonly Usage[]; failed: unknown };

/** What a stage's work hands back to the wrapper, which stores and bills it. */
export interface StageProduct<T extends StageName> {
  result: StageResults[T];
  /** What was used, priced by the wrapper; compute time of lane stages is added there. */
  usage: Usage[];
  providers: Providers;
}

export type StageWork<T extends StageName> = (context: StageContext) => Promise<StageProduct<T>>;

/** The earlier result that a stage cannot do without. */
export function need<T extends StageName>(context: StageContext, stage: T): StageResults[T] {
  const result = context.results[stage];
  if (!result) throw new Error(`the result of ${stage} is missing`);
  return result as StageResults[T];
}
