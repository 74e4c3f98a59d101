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
/**
 * Share of the height, from the top, that cards may use: what is below belongs to the captions, and in a tall frame the
 * lowest quarter to what players of short videos lay over the picture.
 */
const FLOOR = { wide: 0.8, tall: 0.67 };

/** The part of a frame that a card may draw on, in pixels. */
export function safeArea(frame: Size): Box {
  const { width, height } = frame;
  const floor = isTall(frame) ? FLOOR.tall : FLOOR.wide;
  return {
    x: width * SIDE_MARGIN,
    y: height * TOP_MARGIN,
    width: width * (1 - 2 * SIDE_MARGIN),
    height: height * (floor - TOP_MARGIN),
  };
}

export function isTall({ width, height }: Size): boolean {
  return height > width;
}

/** True when a frame is wide enough for two columns of text. */
export function isWide({ width, height }: Size): boolean {
  return width / height > 1.3;
}

export function inset(box: Box, by: number): Box {
  return { x: box.x + by, y: box.y + by, width: box.width - 2 * by, height: box.height - 2 * by };
}

/** Cards are designed in units: one pixel of a frame 1080 high, a little more on a tall frame, watched on phones. */
export function unitOf(frame: Size): number {
  return (Math.min(frame.width, frame.height) / 1080) * (isTall(frame) ? 1.16 : 1);
}
