import { FRAME_RATE } from '../../domain/video.ts';
import type { Box } from '../cards/frame.ts';
import { COLOUR_TAGS, type Encoder, TIMESCALE } from '../providers/renderer.ts';
import type { SceneSpan } from './timeline.ts';

/** Names inside the work folder, where ffmpeg runs: filter arguments then need no escaping. */
export const CAPTIONS_FILE = 'captions.ass';
export const FONTS_LINK = 'fonts';

const FADE_IN_FRAMES = 15;
const FADE_OUT_FRAMES = 9;
const SLIDE_PIXELS = 28;

export interface Frame {
  width: number;
  height: number;
}

/** Output of one scene: everything after its filters but the name of its file and the threads. */
export function outputArgs(span: SceneSpan, encoder: Encoder): string[] {
  return [
    ...[
      '-map',
      encoder.upload === undefined ? '[out]' : '[uploaded]',
      '-frames:v',
      String(span.frames),
      '-r',
      String(FRAME_RATE),
    ],
    ...encoder.args,
    ...COLOUR_TAGS,
    ...['-video_track_timescale', TIMESCALE, '-map_metadata', '-1', '-fflags', '+bitexact', '-f', 'mp4'],
  ];
}

/** What an encoder in hardware needs behind [out]. */
export function uploadFilters({ upload }: Encoder): string[] {
  return upload === undefined ? [] : [`[out]${upload}[uploaded]`];
}

/** Lays the words of a scene, which fill `box`, and its captions over the picture, from `picture` and `words` to [out]. */
export function wordFilters(span: SceneSpan, picture: string, words: string, box: Box): string[] {
  const { x, y, width, height } = box;
  const cut = `crop=${width}:${height}:${x}:${y}:exact=1`;
  return [
    `${words}${cut},${still('yuva420p')},${fades(span.frames)}[words]`,
    `${picture}[words]overlay=x=${x}:y='${y}+${slide(span.frames)}':format=yuv420,${captions(span)}[out]`,
  ];
}

/** One picture, decoded and converted once and then repeated: reading it again for each frame costs 30 times more. */
export function still(pixels: string): string {
  const converted = `scale=out_color_matrix=bt709:out_range=tv,format=${pixels}`;
  return `${converted},loop=loop=-1:size=1,settb=1/${FRAME_RATE},setpts=N`;
}

/**
 * A slow camera move along the longer side, turning round with each scene, `shift` frames into it. It moves a
 * whole number of pixels every so many frames: fractions would be rounded unevenly and shake, and whole ones
 * cost the encoder least.
 */
export function pan(span: SceneSpan, frame: Frame, background: Frame, shift = 0): string {
  const room = { x: background.width - frame.width, y: background.height - frame.height };
  const axis = frame.width >= frame.height ? 'x' : 'y';
  const every = Math.max(1, Math.ceil(span.frames / Math.max(1, room[axis])));
  const travel = Math.min(room[axis], Math.ceil(span.frames / every));
  const start = Math.floor((room[axis] - travel) / 2);
  const step = `floor((n+${shift})/${every})`;
  const moving = span.scene % 2 === 0 ? `${start}+${step}` : `${start + travel}-${step}`;
  const still = Math.floor(room[axis === 'x' ? 'y' : 'x'] / 2);
  const [x, y] = axis === 'x' ? [moving, still] : [still, moving];
  return `crop=w=${frame.width}:h=${frame.height}:x='${x}':y='${y}':exact=1`;
}

function fades(frames: number): string {
  const { fadeIn, fadeOut } = fadeFrames(frames);
  return `fade=t=in:s=0:n=${fadeIn}:alpha=1,fade=t=out:s=${frames - fadeOut}:n=${fadeOut}:alpha=1`;
}

/** The words rise into place while they fade in, ever slower. */
function slide(frames: number): string {
  const { fadeIn } = fadeFrames(frames);
  return `${SLIDE_PIXELS}*pow(max(0,1-n/${fadeIn}),3)`;
}

function fadeFrames(frames: number): { fadeIn: number; fadeOut: number } {
  return {
    fadeIn: Math.max(1, Math.min(FADE_IN_FRAMES, Math.floor(frames / 3))),
    fadeOut: Math.max(1, Math.min(FADE_OUT_FRAMES, Math.floor(frames / 4))),
  };
}

/** Captions are drawn on the video's clock, so that one that crosses a border goes on in the next segment. */
function captions(span: SceneSpan): string {
  const start = span.firstFrame;
  return `setpts=PTS+${start},subtitles=filename=${CAPTIONS_FILE}:fontsdir=${FONTS_LINK},setpts=PTS-${start}`;
}
