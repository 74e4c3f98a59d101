/** The known word that is typed like this one, or null when none is near. */
export function nearest(word: string, known: readonly string[]): string | null {
  const near = known
    // A text of any length may stand where a word should: its distance is not worth reckoning.
    .filter((each) => word.length <= each.length + slipsIn(each))
    .map((each) => ({ each, edits: editsBetween(word, each) }))
    .filter(({ each, edits }) => edits <= slipsIn(each) || each.startsWith(word))
    .sort((a, b) => a.edits - b.edits);
  return near[0]?.each ?? null;
}

/** So many edits are a slip of the fingers. */
function slipsIn(word: string): number {
  return Math.max(word.length < 4 ? 1 : 2, Math.floor(word.length / 3));
}

/** Levenshtein's distance: signs to insert, delete or replace. */
function editsBetween(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, i) => i);
  for (let i = 1; i <= from.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= to.length; j += 1) {
      const replaced = (row[j - 1] as number) + (from[i - 1] === to[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] as number) + 1, (next[j - 1] as number) + 1));
    }
    row = next;
  }
  return row[to.length] as number;
}

/** A sentence's end that names it: '; did you mean "list"?', or nothing. */
export function didYouMean(word: string, known: readonly string[], prefix = ''): string {
  const near = nearest(word, known);
  return near === null ? '' : `; did you mean "${prefix}${near}"?`;
}
