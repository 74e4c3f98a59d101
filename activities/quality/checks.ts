import type { QualityCheck } from '../../domain/results.ts';
import { FRAME_RATE } from '../../domain/video.ts';
import type { Cue } from '../captions/cues.ts';
import { MAX_LINES, widthOf } from '../captions/lines.ts';
import type { VideoFacts } from '../providers/probe-ffprobe.ts';
import type { Measured } from './measure.ts';

/** What the video was meant to be. */
export interface Expected {
  width: number;
  height: number;
  durationMs: number;
  frames: number;
  cues: readonly Cue[];
  lineChars: number;
}

const DURATION_TOLERANCE_S = 0.15;
const MAX_BLACK_S = 0.5;
const MAX_FREEZE_S = 5;
const MAX_SILENCE_S = 3;
const LOUDNESS_LUFS = -14;
const LOUDNESS_TOLERANCE_LU = 1;
const MAX_TRUE_PEAK_DBTP = -1;
/** Between an almost still picture and the dearest that YouTube recommends for 1080p, in bytes a second. */
const BYTES_PER_SECOND = { least: 5_000, most: 3_000_000 };

/** Checks that need no decoding: when one fails, the file is not worth watching. */
export function containerChecks(facts: VideoFacts, expected: Expected): QualityCheck[] {
  const { video, audio } = facts;
  const { width, height, frames } = expected;
  const picture = `h264 yuv420p ${width}x${height} ${FRAME_RATE}/1`;
  const colours = 'bt709 bt709 bt709 tv';
  return [
    same(
      'video_stream',
      video
        ? `${video.codec_name} ${video.pix_fmt} ${video.width}x${video.height} ${video.avg_frame_rate}`
        : 'none',
      picture,
    ),
    same(
      'audio_stream',
      audio ? `${audio.codec_name} ${audio.sample_rate} Hz ${audio.channels} ch` : 'none',
      'aac 48000 Hz 2 ch',
    ),
    same(
      'colour',
      `${video?.color_space} ${video?.color_primaries} ${video?.color_transfer} ${video?.color_range}`,
      colours,
    ),
    near('video_duration_s', Number(video?.duration ?? 0), expected.durationMs / 1000, DURATION_TOLERANCE_S),
    near('audio_duration_s', Number(audio?.duration ?? 0), expected.durationMs / 1000, DURATION_TOLERANCE_S),
    same('frames', Number(video?.nb_frames ?? 0), frames),
    same('video_packets', Number(video?.nb_read_packets ?? 0), Number(video?.nb_frames ?? 0)),
    same('audio_packets', Number(audio?.nb_read_packets ?? 0), Number(audio?.nb_frames ?? 0)),
    within('file_bytes', facts.bytes, bytesFor(expected.durationMs)),
    startsFast(facts.boxes),
  ];
}

/** Checks of what is seen and heard. */
export function contentChecks(measured: Measured): QualityCheck[] {
  return [
    atMost('black_s', measured.blackSeconds, MAX_BLACK_S),
    atMost('silence_s', measured.longestSilenceSeconds, MAX_SILENCE_S),
    soft(atMost('freeze_s', measured.longestFreezeSeconds, MAX_FREEZE_S)),
    soft(near('loudness_lufs', measured.loudnessLufs, LOUDNESS_LUFS, LOUDNESS_TOLERANCE_LU)),
    soft(atMost('true_peak_dbtp', measured.truePeakDbtp, MAX_TRUE_PEAK_DBTP)),
  ];
}

/** Captions are in order, apart, inside the video, and no wider than the picture. */
export function captionChecks(expected: Expected): QualityCheck[] {
  const { cues, lineChars } = expected;
  const wrongTimes = cues.filter((cue, i) => {
    const earliest = cues[i - 1]?.endMs ?? 0;
    return cue.startMs < earliest || cue.endMs <= cue.startMs || cue.endMs > expected.durationMs;
  });
  const tooWide = cues.filter(
    (cue) => cue.lines.length > MAX_LINES || cue.lines.some((line) => widthOf(line) > lineChars),
  );
  return [same('captions_out_of_time', wrongTimes.length, 0), same('captions_too_wide', tooWide.length, 0)];
}

function bytesFor(durationMs: number): [number, number] {
  const seconds = durationMs / 1000;
  return [Math.round(BYTES_PER_SECOND.least * seconds), Math.round(BYTES_PER_SECOND.most * seconds)];
}

function startsFast(boxes: readonly string[]): QualityCheck {
  const moov = boxes.indexOf('moov');
  const ok = moov >= 0 && boxes.indexOf('mdat') > moov;
  return { name: 'index_first', value: boxes.join(' '), bound: 'moov before mdat', ok, hard: true };
}

function same(name: string, value: number | string, wanted: number | string): QualityCheck {
  return { name, value, bound: String(wanted), ok: value === wanted, hard: true };
}

function near(name: string, value: number, wanted: number, tolerance: number): QualityCheck {
  const ok = Math.abs(value - wanted) <= tolerance;
  return { name, value: rounded(value), bound: `${rounded(wanted)} ± ${tolerance}`, ok, hard: true };
}

function atMost(name: string, value: number, most: number): QualityCheck {
  return { name, value: rounded(value), bound: `≤ ${most}`, ok: value <= most, hard: true };
}

function within(name: string, value: number, [least, most]: [number, number]): QualityCheck {
  return { name, value, bound: `${least} to ${most}`, ok: value >= least && value <= most, hard: true };
}

function soft(check: QualityCheck): QualityCheck {
  return { ...check, hard: false };
}

/** Three decimals; text for what JSON has no number for, as the loudness of silence. */
function rounded(value: number): number | string {
  return Number.isFinite(value) ? Math.round(value * 1000) / 1000 : String(value);
}
