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
  let best: Candidate[] = candidates.slice(0, 1);
  let bestValue = 0;
  candidates.forEach((start, from) => {
    if (start.pointsBack && from > 0) return;
    let words = 0;
    for (let to = from; to < candidates.length; to += 1) {
      words += candidates[to]?.words ?? 0;
      if (words > budget * STRETCH) return;
      const passage = candidates.slice(from, to + 1);
      const next = candidates[to + 1];
      const value = worthOf(passage, words / budget, next) * placeFactor(from, to, candidates.length, place);
      if (value > bestValue) [best, bestValue] = [passage, value];
    }
  });
  return best;
}

function worthOf(passage: readonly Candidate[], share: number, next: Candidate | undefined): number {
  const sum = passage.reduce((total, { score, words }) => total + score * Math.sqrt(words), 0);
  const overBudget = share > 1 ? 1 / share : 1;
  return sum * overBudget * (passage[0]?.opens ? 1.3 : 1) * endFactor(passage.at(-1), next);
}

function placeFactor(from: number, to: number, length: number, place: Place): number {
  const starts = from === 0;
  const ends = to === length - 1;
  if (place === 'first') return starts ? 2 : 1;
  if (place === 'last') return ends ? 2 : 1;
  return starts ? 2 : 1;
}

function endFactor(last: Candidate | undefined, next: Candidate | undefined): number {
  if (last?.closes) return 1.4;
  return next?.pointsBack ? 0.75 : 0.9;
}
