import type { Lane } from '../domain/lanes.ts';
import type { Bill, Providers, StageResults, Usage } from '../domain/results.ts';
import type { StageName } from '../domain/stages.ts';
import type { ArtifactRef, Order } from '../domain/video.ts';
import type { Logger } from '../infra/logger.ts';

/** What the stage wrapper (run-stage.ts) gives to a stage's own work. */
export interface StageContext {
  videoId: string;
  order: Order;
  lane: Lane;
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
  /** Records money while the stage still runs; what closes the stage is in StageProduct.usage instead. */
  charge(usage: readonly Usage[]): Promise<void>;
  /** The ledger so far, as the bill of the upload folder. */
  bill(): Promise<Bill>;
  /** A problem that the video survives. */
  warn(code: string, message: string): void;
}

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
