import type { Candidate } from './rank.ts';

/** A passage may be this much over its share when it then ends with its paragraph; later ones get less. */
const STRETCH = 1.5;

/** Where the part stands in the text: an opening is taken from its start, an ending up to its last sentence. */
export type Place = 'first' | 'inner' | 'last';

/**
 * The sentences to speak of one part, in about `budget` words: the passage of neighbouring sentences that tells
 * most. Single sentences picked from all over would tell more, and read like a telegram. A passage does not
 * start by pointing back, and rather begins and ends with a paragraph. Never empty unless `candidates` is.
 */
export function selectPassage(candidates: readonly Candidate[], budget: number, place: Place): Candidate[] {
  let best = { from: 0, to: 0, value: 0 };
  candidates.forEach((start, from) => {
    if (start.pointsBack && from > 0) return;
    let words = 0;
    let told = 0;
    for (let to = from; to < candidates.length; to += 1) {
      const sentence = candidates[to];
      if (!sentence) return;
      words += sentence.words;
      told += sentence.score * Math.sqrt(sentence.words);
      if (words > budget * STRETCH) return;
      const overBudget = Math.max(1, words / budget);
      const value =
        (told / overBudget) * edgeFactor(candidates, from, to) * placeFactor(candidates, from, to, place);
      if (value > best.value) best = { from, to, value };
    }
  });
  return candidates.slice(best.from, best.to + 1);
}

function edgeFactor(candidates: readonly Candidate[], from: number, to: number): number {
  const start = candidates[from]?.opens ? 1.3 : 1;
  if (candidates[to]?.closes) return start * 1.4;
  return start * (candidates[to + 1]?.pointsBack ? 0.75 : 0.9);
}

function placeFactor(candidates: readonly Candidate[], from: number, to: number, place: Place): number {
  if (place === 'last') return to === candidates.length - 1 ? 2 : 1;
  return from === 0 ? 2 : 1;
}
