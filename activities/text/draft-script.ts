import { boundSentence } from './clauses.ts';
import { cleanText } from './clean-text.ts';
import type { Draft } from './draft.ts';
import { plainWords } from './markdown-inline.ts';
import { sizeScenes } from './scene-size.ts';
import { boundWords, splitSentences } from './sentences.ts';

const HEADING = /^ {0,3}#{1,6}\s+(.+?)\s*#*\s*$/;

/** A sentence without end would be one caption and one file: broken at clauses, but not a word is changed. */
const MAX_SPOKEN_WORDS = 40;

export interface ScriptDraft {
  title: string | null;
  drafts: Draft[];
}

/**
 * A finished narration as scenes, word for word: blank lines and Markdown headings separate scenes, a heading is
 * shown and not spoken, a block of mere signs ("***") only separates, everything else is spoken as it stands.
 */
export function draftScript(script: string): ScriptDraft {
  const drafts: Draft[] = [];
  const headings: string[] = [];
  let heading: string | null = null;
  for (const block of blocks(cleanText(script))) {
    const shown = HEADING.exec(block)?.[1];
    if (shown !== undefined) {
      heading = plainWords(shown) || null;
      if (heading) headings.push(heading);
      continue;
    }
    const sentences = splitSentences(block).flatMap((sentence) =>
      boundSentence(boundWords(sentence), MAX_SPOKEN_WORDS),
    );
    if (sentences.length > 0) drafts.push({ heading, sentences, bullets: [], quote: null });
  }
  const title = headings[0] ?? null;
  return {
    title,
    drafts: sizeScenes(
      drafts.map((draft) => (draft.heading === title ? { ...draft, heading: null } : draft)),
    ),
  };
}

function blocks(script: string): string[] {
  return script
    .split('\n')
    .map((line) => (HEADING.test(line) ? `\n\n${line}\n\n` : line))
    .join('\n')
    .split(/\n\s*\n/)
    .map((block) => block.replace(/^\n+|\s+$/g, ''))
    .filter((block) => /[\p{L}\p{N}]/u.test(block));
}
