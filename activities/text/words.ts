/** English words that say nothing about a text's subject. */
const STOP_WORDS = new Set(
  `a about above across after again against all almost alone along already also although always am among an and
  another any anyone anything are around as at away back be became because become been before began behind being
  below best better between beyond both but by call called came can cannot come comes could did do does done down
  during each either else end enough even ever every everything far few first for form found from full gave gone get give
  given gives go goes going good got great had half has have he hence her here hers herself him himself his how
  however i if in inside instead into is it its itself just keep kept kind know known large last later least less let
  like likely little long look made main make makes making many may me mean means might more most much must my
  near nearly need never new next no nobody none nor not nothing now of off often old on once one ones only onto or
  other others our out over own part people perhaps place point put quite rather really said same saw say says second see
  seem seems seen self set several shall she should show shows side since small so some someone something sometimes soon
  still such take taken takes tell than that the their theirs them themselves then there these they thing things think this
  those though thought three through thus time times to today together told too took toward towards true turn turned
  turns two under until up upon us use used uses using very was way ways we well went were what when where whether
  which while who whole whom whose why wide will with within without word words work works would yes yet you your`
    .split(/\s+/)
    .filter(Boolean),
);
const WORD = /\p{L}[\p{L}\p{M}'’-]*/gu;

/** How many words a voice has to say. */
export function countWords(text: string): number {
  return text.split(/\s+/).filter((word) => /[\p{L}\p{N}]/u.test(word)).length;
}

/** Lower-case words that carry meaning, plural and singular as one. */
export function contentWords(text: string): string[] {
  const words = text.toLowerCase().match(WORD) ?? [];
  return words
    .map((word) => word.replace(/['’](s|t|re|ve|ll|d|m)$/u, '').replace(/[-'’]+$/u, ''))
    .filter((word) => word.length > 2 && !STOP_WORDS.has(word))
    .map(singular);
}

/** The `count` most used content words, most frequent first, ties in order of appearance. */
export function keywords(text: string, count: number): string[] {
  const uses = new Map<string, number>();
  for (const word of contentWords(text)) uses.set(word, (uses.get(word) ?? 0) + 1);
  return [...uses]
    .sort(([, a], [, b]) => b - a)
    .slice(0, count)
    .map(([word]) => word);
}

function singular(word: string): string {
  if (/\p{L}{3,}ies$/u.test(word)) return word.replace(/ies$/, 'y');
  if (/(?:ch|sh|x|ss)es$/.test(word)) return word.replace(/es$/, '');
  return word.length < 5 || /(?:ss|us|is)$/.test(word) ? word : word.replace(/s$/, '');
}
