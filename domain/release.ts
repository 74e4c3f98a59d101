/** A video is produced at most this many times before its failure is final. */
export const MAX_RUNS = 3;

export interface ReleaseRule {
  /** True when the release uses up one of {@link MAX_RUNS}. */
  counts: boolean;
  /** Wait before the video may be admitted again, after the `run`-th run (1 is the first). */
  waitMs: (run: number) => number;
}

const none = () => 0;

/** Every way out of production that is not an end, and what it costs the video. */
export const RELEASES = {
  /** A stage used up its tries: again from that stage after 20 s, then 40 s. */
  retry_round: { counts: true, waitMs: (run: number) => 10_000 * 2 ** run },
  /** The video was paused at a border; it is admitted again once it is resumed. */
  paused: { counts: false, waitMs: none },
  /** No worker of its lane took a stage in time. */
  lane_lost: { counts: false, waitMs: none },
  /** A provider asked for a wait that is too long for holding a place; the wait is the provider's. */
  retry_after: { counts: false, waitMs: none },
  /** The gate of a provider that its next stage needs is closed; admission waits for the gate. */
  provider_closed: { counts: false, waitMs: () => 1_000 },
  /** Our own servers or disk have failed a stage for too long to hold a place meanwhile. */
  infrastructure: { counts: false, waitMs: () => 60_000 },
  /** The graphics card had no memory left: a premium video goes to a cpu lane for good. */
  gpu_out_of_memory: { counts: false, waitMs: none },
  /** The graphics card does not encode any more, and its lane offers no places until it does. */
  gpu_lost: { counts: false, waitMs: none },
  /** Temporal does not know the workflow any more; another one starts from the stored results. */
  workflow_lost: { counts: false, waitMs: none },
} as const satisfies Record<string, ReleaseRule>;

export type ReleaseReason = keyof typeof RELEASES;

/** A provider's wait beyond this gives the place back. */
export const LONGEST_WAIT_IN_PLACE_MS = 60_000;
