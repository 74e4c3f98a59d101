import { judgeCheck } from '../../domain/quality.ts';
import type { QualityCheck } from '../../domain/results.ts';
import { FRAME_RATE } from '../../domain/video.ts';
import type { VideoFacts } from '../providers/probe-ffprobe.ts';
import type { Measured } from './measure.ts';

/** What the video was meant to be. */
export interface Expected {
  width: number;
  height: number;
  durationMs: number;
  frames: number;
}

const INDEX_FIRST = 'moov before mdat';

/** Checks that need no decoding. */
export function containerChecks(facts: VideoFacts, expected: Expected): QualityCheck[] {
  const { video, audio, bytes, boxes } = facts;
  const { width, height, frames } = expected;
  const seconds = expected.durationMs / 1000;
  return [
    judgeCheck('container', 'readable'),
    judgeCheck('video_stream', pictureOf(video), `h264 yuv420p ${width}x${height} ${FRAME_RATE}/1`),
    judgeCheck('audio_stream', soundOf(audio)),
    judgeCheck('colours', coloursOf(video)),
    judgeCheck('video_duration', Number(video?.duration ?? 0), seconds),
    judgeCheck('audio_duration', Number(audio?.duration ?? 0), seconds),
    judgeCheck('frames', Number(video?.nb_frames ?? 0), frames),
    judgeCheck('video_packets', Number(video?.nb_read_packets ?? 0), Number(video?.nb_frames ?? 0)),
    judgeCheck('audio_packets', Number(audio?.nb_read_packets ?? 0), Number(audio?.nb_frames ?? 0)),
    judgeCheck('file_size', bytes),
    judgeCheck('bit_rate', Math.round((bytes * 8) / seconds)),
    judgeCheck('index', isIndexFirst(boxes) ? INDEX_FIRST : boxes.join(' ')),
  ];
}

/** Checks of what is seen and heard. */
export function contentChecks(measured: Measured): QualityCheck[] {
  return [
    judgeCheck('decoding', 'plays'),
    judgeCheck('black', measured.blackSeconds),
    judgeCheck('frozen', measured.longestFreezeSeconds),
    judgeCheck('silence', measured.longestSilenceSeconds),
    judgeCheck('loudness', measured.loudnessLufs),
    judgeCheck('true_peak', measured.truePeakDbtp),
  ];
}

function pictureOf(video: VideoFacts['video']): string {
  if (!video) return 'none';
  const { codec_name, pix_fmt, width, height, avg_frame_rate } = video;
  return `${codec_name} ${pix_fmt} ${width}x${height} ${avg_frame_rate}`;
}

function soundOf(audio: VideoFacts['audio']): string {
  return audio ? `${audio.codec_name} ${audio.sample_rate} Hz ${audio.channels} ch` : 'none';
}

function coloursOf(video: VideoFacts['video']): string {
  const tags = [video?.color_space, video?.color_primaries, video?.color_transfer, video?.color_range];
  return tags.map((tag) => tag ?? 'untagged').join(' ');
}

function isIndexFirst(boxes: readonly string[]): boolean {
  const moov = boxes.indexOf('moov');
  return moov >= 0 && boxes.indexOf('mdat') > moov;
}
