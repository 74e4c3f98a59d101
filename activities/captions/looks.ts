import type { CaptionStyle } from '../../domain/video.ts';
import { isTall, type Size } from '../cards/frame.ts';

/** Captions as they are burned in, in pixels of the frame. Colours are &HAABBGGRR, as the format has them. */
export interface CaptionLook {
  size: number;
  bold: boolean;
  colour: string;
  /** Of the word that is spoken. */
  lit: string;
  outline: number;
  shadow: number;
  blur: number;
  /** Distance of the last line from the lower edge. */
  bottom: number;
  side: number;
}

export type DrawnStyle = Exclude<CaptionStyle, 'none'>;

/** Letters that were looked at were this high; marks of all looks grow and shrink with them. */
const DESIGNED_SIZE = 56;

/**
 * How a style looks in a frame. Two lines stay below what cards draw on; in a tall frame they stand above its lowest
 * quarter, where players of short videos show title, account and buttons.
 */
export function captionLook(style: DrawnStyle, { width, height }: Size): CaptionLook {
  const tall = isTall({ width, height });
  const base = width > height ? height * 0.056 : width * 0.056;
  const size = Math.round(base * (style === 'bold' ? 1.1 : 0.9));
  const pixel = size / DESIGNED_SIZE;
  return {
    size,
    bottom: Math.round(height * (tall ? 0.25 : 0.06)),
    side: Math.round(width * 0.06),
    ...(style === 'bold'
      ? {
          bold: true,
          colour: '&H00FFFFFF',
          lit: '&H0032D2FF',
          outline: 3.6 * pixel,
          shadow: 2.4 * pixel,
          blur: pixel,
        }
      : {
          bold: false,
          colour: '&H00F2F2F2',
          lit: '&H00FFC765',
          outline: 1.6 * pixel,
          shadow: 1.2 * pixel,
          blur: pixel,
        }),
  };
}
