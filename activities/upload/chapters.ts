import type { AudioResult, ScriptResult } from '../../domain/results.ts';
import { withoutLinks } from '../text/links.ts';
import { plain } from './plain-text.ts';

/** What YouTube asks of chapters: the first at 0:00, three of them, none shorter. Source: its help, answer 9884579. */
const MIN_CHAPTERS = 3;
const MIN_CHAPTER_S = 10;

interface Chapter {
  startS: number;
  title: string;
}

/**
 * Chapters at the times of the finished narration, a line each ("0:00 Why the deep sea glows"): a new one with each
 * new heading, one that would be too short is part of the one before. Longer ones where the lines would pass `bytes`;
 * empty where YouTube would show none.
 */
export function chaptersOf(
  script: Pick<ScriptResult, 'scenes'>,
  audio: Pick<AudioResult, 'sceneStartsMs' | 'durationMs'>,
  bytes: number,
): string {
  for (let leastS = MIN_CHAPTER_S; ; leastS *= 2) {
    const chapters = chaptersFrom(script, audio, leastS);
    if (chapters.length < MIN_CHAPTERS) return '';
    const lines = chapters.map(({ startS, title }) => `${clock(startS)} ${title}`).join('\n');
    if (Buffer.byteLength(lines) <= bytes) return lines;
  }
}

function chaptersFrom(
  { scenes }: Pick<ScriptResult, 'scenes'>,
  { sceneStartsMs, durationMs }: Pick<AudioResult, 'sceneStartsMs' | 'durationMs'>,
  leastS: number,
): Chapter[] {
  const chapters: Chapter[] = [];
  const endS = Math.floor(durationMs / 1000);
  scenes.forEach(({ heading }, index) => {
    const title = withoutLinks(plain(heading).replace(/\s+/gu, ' '));
    const last = chapters.at(-1);
    // Whole seconds, as they are shown: a chapter begins with its scene, or a moment before it.
    const startS = last ? Math.floor((sceneStartsMs[index] ?? durationMs) / 1000) : 0;
    const same = title === '' || title === last?.title;
    const short = last !== undefined && (startS - last.startS < leastS || endS - startS < leastS);
    if (!same && !short) chapters.push({ startS, title });
  });
  return chapters;
}

/** 75 is "1:15", 3675 "1:01:15". */
function clock(seconds: number): string {
  const two = (value: number) => String(value).padStart(2, '0');
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor((seconds % 3600) / 60), seconds % 60];
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}
