import type { Draft } from './draft.ts';
import { draftWords } from './scene-size.ts';

/**
 * The drafts with at most `words` words where that is possible: sentences are left out at the ends of the longest
 * scenes, then whole scenes from the end on. The first sentence and the last one stay.
 */
export function shortenDrafts(drafts: readonly Draft[], words: number): Draft[] {
  const kept = [...drafts];
  while (kept.reduce((sum, draft) => sum + draftWords(draft), 0) > words) {
    const at = longestOfSeveral(kept);
    const longest = kept[at];
    if (longest) kept[at] = withoutOne(longest, at === kept.length - 1);
    else if (kept.length > 2) kept.splice(-2, 1);
    else break;
  }
  return kept;
}

/** Index of the longest scene that has a sentence to spare, -1 without one. */
function longestOfSeveral(drafts: readonly Draft[]): number {
  const words = drafts.map((draft) => (draft.sentences.length > 1 ? draftWords(draft) : 0));
  const most = Math.max(...words);
  return most > 0 ? words.indexOf(most) : -1;
}

function withoutOne(draft: Draft, last: boolean): Draft {
  return { ...draft, sentences: draft.sentences.toSpliced(last ? -2 : -1, 1) };
}
