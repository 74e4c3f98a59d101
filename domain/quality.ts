import type { QualityCheck, QualityResult } from './results.ts';
import { STAGE_NAMES, type StageName } from './stages.ts';

/** What a measured value must be. A text in `equal` and `near` names what the order alone decides. */
export type Bound =
  | { kind: 'equal'; wanted: string }
  | { kind: 'near'; wanted: number | string; tolerance: number }
  | { kind: 'most'; most: number }
  | { kind: 'below'; limit: number }
  | { kind: 'between'; least: number; most: number };

/**
 * Stages that can be run again: audio redoes the picture under it, rendering redoes the file. The script is written
 * anew only for a narration of another length than was ordered.
 */
export type Mender = Extract<StageName, 'script_generation' | 'audio_synthesis' | 'video_rendering'>;

export interface CheckSpec {
  measures: string;
  /** Empty for counts and texts. */
  unit: string;
  bound: Bound;
  /** A hard check that fails, fails the video; a soft one is a warning. */
  hard: boolean;
  /** The cheapest stage that can mend it; null when nothing can, as for a fault in our own layout. */
  mends: Mender | null;
}

/** THE table of quality checks; docs/quality.md is tested against it. */
export const QUALITY_CHECKS = {
  container: hard('what kept the file from being read', '', equal('readable'), 'video_rendering'),
  video_stream: hard(
    'codec, pixel format, frame and rate of the picture',
    '',
    equal("h264 yuv420p, the order's frame, 30/1"),
    'video_rendering',
  ),
  audio_stream: hard(
    'codec, rate and channels of the sound',
    '',
    equal('aac 48000 Hz 2 ch'),
    'video_rendering',
  ),
  colours: hard(
    'matrix, primaries, transfer and range',
    '',
    equal('bt709 bt709 bt709 tv'),
    'video_rendering',
  ),
  video_duration: hard('length of the picture', 's', near('the narration', 0.15), 'video_rendering'),
  audio_duration: hard('length of the sound', 's', near('the narration', 0.15), 'video_rendering'),
  frames: hard('frames that the index names', '', equal('the narration at 30 a second'), 'video_rendering'),
  video_packets: hard('frames that are really there', '', equal('frames of the index'), 'video_rendering'),
  audio_packets: hard(
    'sound packets that are really there',
    '',
    equal('packets of the index'),
    'video_rendering',
  ),
  file_size: hard('size of the file', 'bytes', between(1, 2_000_000_000), 'video_rendering'),
  bit_rate: hard('size over length', 'bit/s', between(40_000, 24_000_000), 'video_rendering'),
  index: hard('outermost boxes of the file', '', equal('moov before mdat'), 'video_rendering'),
  decoding: hard('what kept the file from being played', '', equal('plays'), 'video_rendering'),
  black: hard('black picture, all stretches together', 's', atMost(0.5), 'video_rendering'),
  frozen: soft('longest still picture, captions left out', 's', atMost(5)),
  repeated_clips: soft('clips whose bytes were shown before', '', atMost(0)),
  ordered_length: soft('way of the length from the ordered one', '%', atMost(10)),
  silence: hard('longest silence', 's', atMost(3), 'audio_synthesis'),
  loudness: hard('integrated loudness', 'LUFS', near(-14, 1), 'audio_synthesis'),
  true_peak: hard('highest true peak', 'dBTP', below(-1), 'audio_synthesis'),
  caption_times: hard('captions that overlap or leave the video', '', atMost(0), 'audio_synthesis'),
  caption_coverage: hard('sentences without their whole caption', '', atMost(0), 'audio_synthesis'),
  caption_gap: soft('longest way of a caption from its sentence', 's', below(0.3)),
  caption_width: hard('captions wider or higher than their place', '', atMost(0), null),
} as const satisfies Record<string, CheckSpec>;

/** What is heard in these is the spoken sentences, not how they were put together. */
const SOUND_CHECKS: readonly string[] = ['silence', 'loudness', 'true_peak'] satisfies CheckName[];

export type CheckName = keyof typeof QUALITY_CHECKS;

/** Why a finished video is not good enough, and which stage can mend it; null: none can. */
export interface Rejection {
  checks: string;
  mend: Mender | null;
}

/** One row of the table, measured. `wanted` is what the order makes of the bound, where it decides. */
export function judgeCheck(name: CheckName, value: number | string, wanted?: number | string): QualityCheck {
  const { bound, hard: isHard } = QUALITY_CHECKS[name];
  const ok = holds(bound, value, wanted ?? ('wanted' in bound ? bound.wanted : ''));
  return { name, value: rounded(value), bound: boundText(bound, wanted), ok, hard: isHard };
}

/** "loudness -9.1 LUFS (bound -14 ± 1)". */
export function checkText({ name, value, bound }: QualityCheck): string {
  const unit = specOf(name)?.unit;
  return `${name} ${value}${unit ? ` ${unit}` : ''} (bound ${bound})`;
}

/** The bound as people read it. */
export function boundText(bound: Bound, decided?: number | string): string {
  const wanted = decided ?? ('wanted' in bound ? bound.wanted : '');
  switch (bound.kind) {
    case 'equal':
      return String(wanted);
    case 'near':
      return `${rounded(wanted)} ± ${bound.tolerance}`;
    case 'most':
      return `≤ ${bound.most}`;
    case 'below':
      return `< ${bound.limit}`;
    case 'between':
      return `${bound.least} to ${bound.most}`;
  }
}

/**
 * The failed hard checks of a result, or null when there are none. Of several stages that would have to run
 * again the earliest is named, since the later ones follow it.
 */
export function rejectionOf({ checks }: QualityResult): Rejection | null {
  const failed = checks.filter(({ hard: isHard, ok }) => isHard && !ok);
  if (failed.length === 0) return null;
  const menders = failed.map(({ name }) => specOf(name)?.mends ?? null);
  const mend = menders.includes(null)
    ? null
    : (STAGE_NAMES.find((stage) => menders.includes(stage as Mender)) ?? null);
  return { checks: failed.map(checkText).join('; '), mend: mend as Mender | null };
}

/** Whether the sound itself failed a check: one of the captions alone is none of its. */
export function isSoundAtFault({ checks }: QualityResult): boolean {
  return checks.some(({ name, ok }) => !ok && SOUND_CHECKS.includes(name));
}

/** A stage and all that is made from it, in order of production. Media is not made from audio. */
export function redoneFrom(from: Mender): StageName[] {
  const later = STAGE_NAMES.slice(STAGE_NAMES.indexOf(from));
  return from === 'audio_synthesis' ? later.filter((stage) => stage !== 'media_collection') : later;
}

function specOf(name: string): CheckSpec | undefined {
  return (QUALITY_CHECKS as Record<string, CheckSpec>)[name];
}

function holds(bound: Bound, value: number | string, wanted: number | string): boolean {
  if (bound.kind === 'equal') return value === wanted;
  const number = Number(value);
  switch (bound.kind) {
    case 'near':
      return Math.abs(number - Number(wanted)) <= bound.tolerance;
    case 'most':
      return number <= bound.most;
    case 'below':
      return number < bound.limit;
    case 'between':
      return number >= bound.least && number <= bound.most;
  }
}

/** Three decimals; text for what JSON has no number for, as the loudness of silence. */
function rounded(value: number | string): number | string {
  if (typeof value === 'string') return value;
  return Number.isFinite(value) ? Math.round(value * 1000) / 1000 : String(value);
}

function hard<M extends Mender | null>(measures: string, unit: string, bound: Bound, mends: M) {
  return { measures, unit, bound, hard: true, mends };
}

function soft(measures: string, unit: string, bound: Bound) {
  return { measures, unit, bound, hard: false, mends: null };
}

function equal(wanted: string): Bound {
  return { kind: 'equal', wanted };
}

function near(wanted: number | string, tolerance: number): Bound {
  return { kind: 'near', wanted, tolerance };
}

function atMost(most: number): Bound {
  return { kind: 'most', most };
}

function below(limit: number): Bound {
  return { kind: 'below', limit };
}

function between(least: number, most: number): Bound {
  return { kind: 'between', least, most };
}
