export interface Size {
  width: number;
  height: number;
}

export interface Box extends Size {
  x: number;
  y: number;
}

const SIDE_MARGIN = 0.07;
const TOP_MARGIN = 0.09;
/** Share of the height, from the top, that cards may use: what is below belongs to the captions. */
const FLOOR = 0.8;

/** The part of a frame that a card may draw on, in pixels. */
export function safeArea({ width, height }: Size): Box {
  return {
    x: width * SIDE_MARGIN,
    y: height * TOP_MARGIN,
    width: width * (1 - 2 * SIDE_MARGIN),
    height: height * (FLOOR - TOP_MARGIN),
  };
}

/** True when a frame is wide enough for two columns of text. */
export function isWide({ width, height }: Size): boolean {
  return width / height > 1.3;
}

export function inset(box: Box, by: number): Box {
  return { x: box.x + by, y: box.y + by, width: box.width - 2 * by, height: box.height - 2 * by };
}

/** Cards are designed in units: one pixel of a frame 1080 high, a little more on a tall frame, watched on phones. */
export function unitOf({ width, height }: Size): number {
  return (Math.min(width, height) / 1080) * (height > width ? 1.16 : 1);
}
