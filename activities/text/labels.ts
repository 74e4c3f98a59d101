import type { ScriptSource } from '../../domain/results.ts';
import { isOwnLanguage } from '../../infra/text/languages.ts';
import { capitalise, oneLine, shorten } from './clean-text.ts';
import { withoutLinks } from './links.ts';
import { keywords } from './words.ts';

const MAX_TITLE_CHARS = 99;
/** YouTube counts 5000 bytes; room is left for what the upload adds. */
const MAX_DESCRIPTION_BYTES = 4_500;
const MAX_TAGS_CHARS = 500;
const MAX_TAG_CHARS = 30;
const TEXT_TAGS = 8;

const SOURCE_NOTE: Record<ScriptSource, string> = {
  article: 'Narration: sentences of the submitted article, in its own words.',
  script: 'Narration: the submitted script, word for word.',
  outline: 'This video is an outline made from a topic alone. Nothing was researched, so it states no facts.',
  llm: 'Narration written by a language model from the submitted topic or article.',
};

/** A title without the characters that YouTube refuses, under 100 characters. */
export function videoTitle(text: string): string {
  return shorten(publishable(text), MAX_TITLE_CHARS);
}

/**
 * What the video says first and, in an English video, where the words come from; under 4,500 bytes. Chapters have no
 * times yet.
 */
export function describe(lead: string, source: ScriptSource, language: string): string {
  const note = isOwnLanguage(language) ? SOURCE_NOTE[source] : '';
  const full = joined(publishable(lead), note);
  return Buffer.byteLength(full) <= MAX_DESCRIPTION_BYTES
    ? full
    : joined(shorten(publishable(lead), 800), note);
}

/** Tags of the order first, then its keywords, then the text's own; at most 500 characters with separators. */
export function tagsFrom(given: readonly string[], text: string): string[] {
  const tags: string[] = [];
  let length = 0;
  for (const raw of [...given, ...keywords(text, TEXT_TAGS)]) {
    const tag = publishable(raw).replace(/[,"]/g, '').trim();
    const known = tags.some((other) => other.toLowerCase() === tag.toLowerCase());
    if (tag === '' || known || [...tag].length > MAX_TAG_CHARS) continue;
    // A tag with a space counts its quotation marks, every tag its comma.
    length += [...tag].length + (tag.includes(' ') ? 3 : 1);
    if (length > MAX_TAGS_CHARS) break;
    tags.push(tag);
  }
  return tags;
}

/** The words of a text that stand for it when it has no title: its first sentence, without the full stop. */
export function titleFrom(sentence: string): string {
  return capitalise(shorten(sentence.replace(/[.,;:]+$/u, ''), 70));
}

function joined(...parts: string[]): string {
  return parts.filter(Boolean).join('\n\n');
}

/** Links are only ever those of the footage that was shown, which the upload adds. */
function publishable(text: string): string {
  return withoutLinks(oneLine(text).replace(/[<>]/g, ''));
}
