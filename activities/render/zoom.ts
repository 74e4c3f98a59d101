import type { Clip } from '../../domain/results.ts';
import { FRAME_RATE } from '../../domain/video.ts';
import type { Frame } from './segment-args.ts';

/** So much larger is an image at the near end of its zoom. */
const NEAR = 0.12;

/**
 * Turns a still into a slow zoom of so many frames, towards its middle or away from it, which its content decides.
 * It is zoomed at its own size and without halved colours, so that no step of it is rounded to whole pixels of the video.
 */
export function zoom({ file }: Clip, { width, height }: Frame, frames: number): string {
  const nearer = `on/${Math.max(1, frames)}`;
  const away = Number.parseInt(file.sha256.slice(0, 1), 16) % 2 === 1;
  const factor = `1+${NEAR}*${away ? `(1-${nearer})` : nearer}`;
  const centre = `x='(iw-iw/zoom)/2':y='(ih-ih/zoom)/2'`;
  const moved = `zoompan=z='${factor}':${centre}:d=${frames}:s=${width}x${height}:fps=${FRAME_RATE}`;
  const colours = 'scale=out_color_matrix=bt709:out_range=tv,format=yuv444p';
  return `${colours},${moved},format=yuv420p,setsar=1,settb=1/${FRAME_RATE}`;
}
