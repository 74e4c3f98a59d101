import { CancellationScope } from '@temporalio/workflow';
import type { SpendState } from '../domain/budget.ts';
import type { AdmittedSignal, PipelineControlSignal, VideoInput } from '../domain/contract.ts';
import type { Lane } from '../domain/lanes.ts';
import type { Micros } from '../domain/money.ts';
import type { Mender, Rejection } from '../domain/quality.ts';
import type { StageName } from '../domain/stages.ts';
import type { FinalStatus } from '../domain/video.ts';

/** How a video ends; `stage` is where it happened, when it happened in one. */
export interface Ending {
  status: FinalStatus;
  reason: string | null;
  stage: StageName | null;
  message: string | null;
}

/** All that the workflow knows of its video. Handlers and the story share this one object. */
export interface VideoState {
  readonly input: VideoInput;
  /** Newest admission that was delivered; smaller numbers are duplicates. */
  admission: AdmittedSignal | null;
  /** Number of the newest admission that was asked for; 0 before the first. */
  claimed: number;
  /** Which run of the video this is, 1 is the first. */
  run: number;
  /** Null before the first claim, which knows what an operator has made of it. */
  priority: number | null;
  /** Null while the video waits for a place. */
  lane: Lane | null;
  cap: Micros | null;
  spend: SpendState;
  running: StageName[];
  done: StageName[];
  /** Stages whose results were there at the claim: to pass them by costs nothing. */
  stored: StageName[];
  /** What the last quality validation found wrong. */
  rejection: Rejection | null;
  /** What the narration lacks or has too much of, where another script can mend that. */
  misfit: string | null;
  /** The script was written anew for the measured length, which happens once. */
  refitted: boolean;
  /** The stage that a mend has run again; a video is mended once, however often it is released. */
  mended: Mender | null;
  /** Pause state of the pipeline and of this video. */
  control: PipelineControlSignal;
  /** The stages of this run are in it, so that a charge can stop them all. */
  stages: CancellationScope;
  /** Set when the money ran out: the workflow then cancels itself. */
  halt: Ending | null;
  /** Set in the same workflow task as the settling starts; nothing changes the ending after that. */
  final: Ending | null;
}

/** A queued video. Must be called in the workflow's root scope. */
export function openVideo(input: VideoInput): VideoState {
  return {
    input,
    admission: null,
    claimed: 0,
    run: 1,
    priority: null,
    lane: null,
    cap: null,
    spend: { total: 0, seq: 0 },
    running: [],
    done: [],
    stored: [],
    rejection: null,
    misfit: null,
    refitted: false,
    mended: null,
    control: { version: 0, paused: false, video_paused: false },
    stages: new CancellationScope(),
    halt: null,
    final: null,
  };
}
