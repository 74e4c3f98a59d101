import type { Scene } from '../../domain/results.ts';
import type { Aspect } from '../../domain/video.ts';
import { MAX_SIDE_PX } from './inspect.ts';

interface Size {
  width: number;
  height: number;
}

/** A file that a provider offers of one video. */
export interface OfferedFile extends Partial<Record<'width' | 'height' | 'fps', number | null | undefined>> {
  file_type: string;
}

const TERMS_PER_SCENE = 2;
const MAX_TERM_CHARS = 100;
const FRAME_RATE_WANTED = 30;

/** Orientation that a provider is asked for, by aspect; hardly any footage is square, so that takes any. */
export const ORIENTATION: Record<Aspect, string> = { '16:9': 'landscape', '9:16': 'portrait', '1:1': '' };

/** The words that footage of a scene is searched by: its own, then the order's, then its heading. */
export function termsOf(scene: Scene, ordered: readonly string[]): string[] {
  const terms = [...scene.keywords, ...ordered, scene.heading].map(normalTerm).filter((term) => term !== '');
  return [...new Set(terms)].slice(0, TERMS_PER_SCENE);
}

function normalTerm(term: string): string {
  return term.normalize('NFC').replace(/\s+/gu, ' ').trim().toLowerCase().slice(0, MAX_TERM_CHARS);
}

/** Takes one of each list in turn, so that a scene shows all of its search words. */
export function interleave<T>(lists: readonly (readonly T[])[]): T[] {
  const longest = Math.max(0, ...lists.map((list) => list.length));
  return Array.from({ length: longest }, (_, i) => lists.flatMap((list) => list.slice(i, i + 1))).flat();
}

/**
 * The smallest file that fills the frame without being enlarged, else the largest there is; null when none is an
 * MP4 of at most 4K. A clip that stands upright in a wide frame (or lies in a tall one) is shown whole, so that
 * it need only reach the frame in one direction.
 */
export function bestFile<T extends OfferedFile>(files: readonly T[], frame: Size): T | null {
  const usable = files.flatMap((file) => {
    const { width, height } = file;
    const small = width && height && Math.max(width, height) <= MAX_SIDE_PX;
    return file.file_type === 'video/mp4' && small ? [{ file, width, height }] : [];
  });
  const bySize = usable.toSorted(
    (a, b) => a.width * a.height - b.width * b.height || offRate(a) - offRate(b),
  );
  return (bySize.find((each) => fills(each, frame)) ?? bySize.at(-1))?.file ?? null;
}

function fills(clip: Size, frame: Size): boolean {
  const enlarged = [frame.width / clip.width, frame.height / clip.height];
  const sameWay = clip.width >= clip.height === frame.width >= frame.height;
  return (sameWay ? Math.max(...enlarged) : Math.min(...enlarged)) <= 1;
}

function offRate({ file }: { file: OfferedFile }): number {
  return Math.abs((file.fps ?? FRAME_RATE_WANTED) - FRAME_RATE_WANTED);
}
