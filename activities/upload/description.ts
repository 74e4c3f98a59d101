import type { AudioResult, MediaResult, ScriptResult } from '../../domain/results.ts';
import type { Order } from '../../domain/video.ts';
import { chaptersOf } from './chapters.ts';
import { creditsOf } from './licences.ts';
import { cut, plain } from './plain-text.ts';

/** YouTube counts bytes, not characters. */
const DESCRIPTION_BYTES = 5000;
/** Chapters and sources together leave room for what the script says of itself. */
const CHAPTER_BYTES = 2000;

/**
 * The script's own description, then the chapters, then the source that the order names and whose footage and music
 * it is: at most 5,000 bytes. What does not fit is taken from the first.
 */
export function describeUpload(
  order: Pick<Order, 'source_url'>,
  script: ScriptResult,
  media: MediaResult,
  audio: AudioResult,
): string {
  const source = order.source_url === undefined ? '' : `Source: ${order.source_url}`;
  const sources = [source, creditsOf(media, audio.music)].filter(Boolean).join('\n');
  const fixed = [chaptersOf(script, audio, CHAPTER_BYTES), plain(sources)].filter(Boolean);
  const end = fixed.map((part) => `\n\n${part}`).join('');
  const room = DESCRIPTION_BYTES - Buffer.byteLength(end);
  return `${cut(plain(script.description), room, Buffer.byteLength)}${end}`.trim();
}
