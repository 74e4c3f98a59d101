/** A scene before it has a card: what is said, and what the source offers to show with it. */
export interface Draft {
  /** Null where the source has none; the card's title is then made from the words. */
  heading: string | null;
  sentences: string[];
  /** Items of a list in this part of the source. */
  bullets: string[];
  /** A sentence that the source itself sets apart as a quotation. */
  quote: string | null;
}

/** Words a second of the narration as a whole, pauses included; measured on the offline voices. */
export const WORDS_PER_SECOND = 2.85;

/** About five seconds of speech: less is a flicker on the screen. */
export const MIN_SCENE_WORDS = 14;

/** Beyond about thirteen seconds one picture becomes dull. */
export const MAX_SCENE_WORDS = 36;

/** Longest sentence that a listener follows; a longer one of an article is broken at a clause. */
export const MAX_SENTENCE_WORDS = 25;
