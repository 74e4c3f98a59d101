import type { SpendState } from './budget.ts';
import type { ErrorKind } from './errors.ts';
import type { Lane } from './lanes.ts';
import type { Micros } from './money.ts';
import type { Mender, Rejection } from './quality.ts';
import type { ReleaseReason } from './release.ts';
import type { StageName } from './stages.ts';
import type { FinalStatus } from './video.ts';

/** Names and types that the API, the workflows, the activities and the workers must agree on. */

export const WORKFLOW_TYPE = 'produceVideo';

const WORKFLOW_ID_PREFIX = 'video-';

export function workflowIdOf(videoId: string): string {
  return `${WORKFLOW_ID_PREFIX}${videoId}`;
}

/** The only workflow input: the order stays in Postgres, out of the history. */
export interface VideoInput {
  video_id: string;
  generation: number;
}

export interface VideoOutcome {
  status: FinalStatus | 'superseded';
  reason: string | null;
  total: Micros;
}

/** Signals. */
export const ADMITTED = 'admitted';
export interface AdmittedSignal {
  admission_no: number;
  lane: Lane;
}

export const CHARGE_RECORDED = 'chargeRecorded';
/**
 * Money spent while a stage runs. `total` and `seq` are the ledger's state after the charge; a signal
 * without them (from the `temporal` command line) is recorded in the ledger first. `amount` is micro-dollars
 * with `total`, and decimal dollars in a raw signal.
 */
export interface ChargeSignal {
  id: string;
  amount: number;
  total?: Micros;
  seq?: number;
}

export const PIPELINE_CONTROL = 'pipelineControl';
/** Pause state of the pipeline and of this video, and its cap; of two, the one with the larger version counts. */
export interface PipelineControlSignal {
  version: number;
  paused: boolean;
  video_paused: boolean;
  /** Missing in a signal by hand: the cap stays. */
  cap?: Micros;
}

/** Queries. */
export const STATUS_QUERY = 'status';
export interface WorkflowStatus {
  phase: 'queued' | 'processing' | FinalStatus;
  lane: Lane | null;
  stages: StageName[];
  done: StageName[];
  paused: boolean;
  reason: string | null;
}
export const SPEND_QUERY = 'spend';

/** Search attributes, registered at start: an unknown one would wedge every workflow. */
export const SEARCH_ATTRIBUTES = {
  VideoStatus: 'KEYWORD',
  Reason: 'KEYWORD',
  Stage: 'KEYWORD',
  Lane: 'KEYWORD',
  ChannelId: 'KEYWORD',
  Priority: 'INT',
  Complexity: 'KEYWORD',
  SpendUsd: 'DOUBLE',
} as const;

/** What a stage activity is told; everything else it reads from Postgres. */
export interface StageInput {
  video_id: string;
  generation: number;
  admission_no: number;
  lane: Lane;
}

/** What a stage tells the workflow: the result itself is in `stage_results`. */
export interface StageOutcome extends SpendState {
  stage: StageName;
  /** True when an earlier attempt or run had already finished the stage. */
  reused: boolean;
  /** Set by quality_validation when the finished video is not good enough. */
  rejected?: Rejection;
  /** Set by audio_synthesis when the narration misses the ordered length and a script written anew can mend that. */
  misfit?: string;
}

export type StageActivities = Record<StageName, (input: StageInput) => Promise<StageOutcome>>;

/** Type of the ApplicationFailure by which a stage says that its video belongs to another admission now. */
export const SUPERSEDED = 'superseded';

/** Reason of a video that failed its quality checks for good. */
export const QUALITY_FAILED = 'quality';

/** `details` of the ApplicationFailure that a failed stage throws. */
export interface StageFailureDetails {
  kind: ErrorKind;
  stage: StageName;
  message: string;
  /** Set when a provider asked for a wait that is too long for holding a place. */
  retry_after_ms?: number;
  /** Set when the stage's verdict is that the video leaves production, and why; nothing is counted then. */
  release?: ReleaseReason;
}

export interface ClaimRequest extends VideoInput {
  admission_no: number;
  /** First execution's run id; `temporal workflow reset` keeps it, so a reset keeps its claim. */
  chain: string;
}

/** `null` fields never occur: a refused claim is `{claimed: false}` and ends the workflow as superseded. */
export type ClaimAnswer =
  | { claimed: false }
  | {
      claimed: true;
      lane: Lane;
      cap: Micros;
      spend: SpendState;
      /** Stages with a stored result, which cost nothing more; missing in histories from before it was told. */
      stored?: StageName[];
      /** As an operator may have changed it while the video waited; missing in histories from before it was told. */
      priority?: number;
      /** Which run of the video this is, 1 is the first. */
      run: number;
      paused: boolean;
      video_paused: boolean;
      version: number;
    };

export interface SettleRequest extends VideoInput {
  /** Null when the workflow ends before it claimed an admission. */
  admission_no: number | null;
  chain: string;
  status: FinalStatus;
  reason: string | null;
  stage: StageName | null;
  message: string | null;
}

/** How the row has ended: a cancel carries no reason, but the row knows why it was asked for. */
export interface SettleAnswer {
  reason: string | null;
  /** The ledger at the end, in which open holds have become charges; missing when the row belongs to somebody else. */
  spend?: SpendState;
}

export interface ReleaseRequest extends VideoInput {
  admission_no: number;
  chain: string;
  reason: ReleaseReason;
  /** Number of this run of the video, 1 is the first. */
  run: number;
  /** Wait that a provider asked for. */
  wait_ms?: number;
  /** The stage that no worker took; a workflow's code of before names none. */
  untaken?: StageName;
}

/** Drops the results from a stage on, so that it is made again: what a check has found, or a narration of another length. */
export interface DiscardRequest extends ClaimRequest {
  from: Mender;
}

export interface ExternalCharge {
  video_id: string;
  /** Given by the caller; the same id again is the same charge. */
  id: string;
  service: string;
  operation: string;
  amount: Micros;
}

export interface CancelRequest {
  workflow_id: string;
  run_id: string;
  reason: string;
}

/** Bookkeeping on the `control` queue. Each is idempotent, since a reply may be lost. */
export interface ControlActivities {
  claim(request: ClaimRequest): Promise<ClaimAnswer>;
  settle(request: SettleRequest): Promise<SettleAnswer>;
  release(request: ReleaseRequest): Promise<void>;
  requestCancel(request: CancelRequest): Promise<void>;
  recordCharge(charge: ExternalCharge): Promise<SpendState>;
  discardResults(request: DiscardRequest): Promise<void>;
}
