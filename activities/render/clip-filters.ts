import type { Clip } from '../../domain/results.ts';
import { FRAME_RATE } from '../../domain/video.ts';
import type { Frame } from './segment-args.ts';

/** The part of a clip that must survive cropping; a clip of another shape is shown whole over a blurred fill. */
const MIN_KEPT = 0.7;

/** The fill is blurred at an eighth of the size: it looks the same and costs next to nothing. */
export const FILL_SCALE = 8;

/**
 * Filters that turn a clip, from `input` to `output`, into frames of the video: its size, its rate, its colours.
 * A rate above the video's is lowered before scaling, so that no frame is scaled in vain.
 */
export function clipFilters(clip: Clip, frame: Frame, speed: number, input: string, output: string): string {
  const paced = speed < 1 ? [`setpts=PTS/${speed.toFixed(6)}`] : [];
  const rate = `fps=${FRAME_RATE}:start_time=0`;
  const dense = clip.fps === 0 || clip.fps > FRAME_RATE;
  const [before, after] = dense ? [[...paced, rate], []] : [paced, [rate]];
  const head = `${input}${[...before, ''].join(',')}`;
  const tail = [...after, `settb=1/${FRAME_RATE}`].join(',');
  if (fillsFrame(clip, frame)) return `${head}${cover(frame)},${scaled(clip, frame)},${tail}${output}`;
  const name = (part: string) => output.replace(']', `${part}]`);
  const { width, height } = small(frame);
  return [
    `${head}split${name('a')}${name('b')}`,
    `${name('a')}${cover(frame)},${scaled(clip, { width, height })},${blurred()},scale=${frame.width}:${frame.height}:flags=bilinear${name('c')}`,
    `${name('b')}${contain(clip, frame)}${name('d')}`,
    `${name('c')}${name('d')}overlay=x=(W-w)/2:y=(H-h)/2:format=yuv420,setsar=1,${tail}${output}`,
  ].join(';');
}

/** True for a picture that loses so little when it is cut to the frame's shape that it is. */
export function fillsFrame(clip: Frame, frame: Frame): boolean {
  const ratio = clip.width / clip.height / (frame.width / frame.height);
  return Math.min(ratio, 1 / ratio) >= MIN_KEPT;
}

/** Cut to the frame's shape before scaling: what is cut away is not scaled. */
function cover({ width, height }: Frame): string {
  return `crop=w='min(iw,ih*${width}/${height}/sar)':h='min(ih,iw*sar*${height}/${width})'`;
}

function contain(clip: Clip, { width, height }: Frame): string {
  const [w, h] = [`2*trunc(min(${width},${height}*dar)/2)`, `2*trunc(min(${height},${width}/dar)/2)`];
  return `scale=w='${w}':h='${h}':${colours(clip)},format=yuv420p,setsar=1`;
}

function scaled(clip: Clip, { width, height }: Frame): string {
  return `scale=${width}:${height}:${colours(clip)},format=yuv420p,setsar=1`;
}

/** To BT.709 in video range. The range is read from the frames, the matrix too where the file names one. */
function colours({ colorSpace, width, height }: Clip): string {
  // Files without a tag follow the custom of players: from 720 lines on they are high definition.
  const matrix = colorSpace === null ? (height >= 720 || width >= 1280 ? 'bt709' : 'bt601') : 'auto';
  return `flags=bicubic:in_color_matrix=${matrix}:out_color_matrix=bt709:out_range=tv`;
}

/** Soft and dark enough that the clip before it stands out. */
function blurred(): string {
  return "boxblur=6:2,lutyuv=y='16+(val-16)*0.45':u='128+(val-128)*0.6':v='128+(val-128)*0.6'";
}

function small({ width, height }: Frame): Frame {
  const part = (length: number) => 2 * Math.round(length / FILL_SCALE / 2);
  return { width: part(width), height: part(height) };
}
