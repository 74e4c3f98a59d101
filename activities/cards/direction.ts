const RIGHT_TO_LEFT = new Set(['ar', 'arc', 'ckb', 'dv', 'fa', 'he', 'iw', 'ps', 'sd', 'ug', 'ur', 'yi']);
const FIRST_STRONG = /\p{L}/u;
const RTL_LETTER = /[\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Syriac}\p{Script=Thaana}]/u;

/** True when a BCP 47 language is written from right to left: cards are then mirrored. */
export function isRightToLeft(language: string): boolean {
  return RIGHT_TO_LEFT.has(language.toLowerCase().split('-')[0] ?? '');
}

/** Base direction of one text: that of its first letter. */
export function directionOf(text: string): 'ltr' | 'rtl' {
  return RTL_LETTER.test(FIRST_STRONG.exec(text)?.[0] ?? '') ? 'rtl' : 'ltr';
}

/** Letters of these scripts join or stack, so spacing and capitals must not touch them. */
export function hasCursiveScript(text: string): boolean {
  return RTL_LETTER.test(text);
}
