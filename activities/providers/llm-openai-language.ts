import { primaryLanguage } from '../../infra/text/languages.ts';

/** Alphabets of languages that are not written in Latin letters. */
const ALPHABETS: readonly [languages: string, letters: RegExp, name: string][] = [
  ['ru uk bg be mk kk ky mn tg', /\p{Script=Cyrillic}/gu, 'Cyrillic'],
  ['el', /\p{Script=Greek}/gu, 'Greek'],
  ['ar fa ur ps', /\p{Script=Arabic}/gu, 'Arabic'],
  ['he yi', /\p{Script=Hebrew}/gu, 'Hebrew'],
  ['zh yue', /\p{Script=Han}/gu, 'Chinese'],
  ['ja', /[\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Han}]/gu, 'Japanese'],
  ['ko', /\p{Script=Hangul}/gu, 'Korean'],
  ['hi mr ne', /\p{Script=Devanagari}/gu, 'Devanagari'],
  ['th', /\p{Script=Thai}/gu, 'Thai'],
  ['bn', /\p{Script=Bengali}/gu, 'Bengali'],
  ['ta', /\p{Script=Tamil}/gu, 'Tamil'],
];

/** Languages whose words are not set apart by spaces: their words cannot be counted. */
const WITHOUT_SPACES = new Set(['zh', 'yue', 'ja', 'th', 'lo', 'km', 'my']);

/** Frequent little words of each, chosen so that neighbours (Spanish and Portuguese) share few. */
const LITTLE_WORDS: Record<string, ReadonlySet<string>> = {
  en: words('the and of to is that it was for with are this from they which have not be by as'),
  de: words('der die das und ist nicht ein eine den dem mit von zu sich auf auch wie wird sind im'),
  fr: words('le les des et est une dans que qui pas pour sur avec ce cette sont plus au aux du'),
  es: words('el los las y es una en que con por para del como pero más su muy hay al lo'),
  it: words('il gli di e è una che non per con del della sono nel anche più come questo si alla'),
  pt: words('o os as e é uma não em do da dos das para com mais também são ao na pelo'),
  nl: words('de het een en van is niet dat met op voor zijn ook te er aan wordt maar bij naar'),
};
/** Another language must lead by this much, and be heard this often, before an answer is called wrong. */
const LEAD = 2;
const MIN_HITS = 5;
const HALF = 0.5;

export function writesSpaces(language: string): boolean {
  return !WITHOUT_SPACES.has(primaryLanguage(language));
}

/**
 * Says so when a narration is not in the wanted language: by its letters where the language has its own, by
 * little words among seven languages in Latin letters. Null for everything else, which is not judged.
 */
export function languageFault(narration: string, language: string): string | null {
  const code = primaryLanguage(language);
  const letters = narration.match(/\p{L}/gu)?.length ?? 0;
  const alphabet = ALPHABETS.find(([languages]) => languages.split(' ').includes(code));
  if (alphabet) {
    const own = narration.match(alphabet[1])?.length ?? 0;
    return own / letters >= HALF ? null : `it is not in the language "${language}" (${alphabet[2]} letters)`;
  }
  const little = LITTLE_WORDS[code];
  if (!little) return null;
  const latin = narration.match(/\p{Script=Latin}/gu)?.length ?? 0;
  const other = latin / letters >= HALF ? otherLanguage(narration, code, little) : 'another alphabet';
  return other === null ? null : `it is in ${other}, not in the language "${language}"`;
}

function otherLanguage(narration: string, code: string, little: ReadonlySet<string>): string | null {
  const spoken = narration.toLowerCase().match(/\p{L}+/gu) ?? [];
  const hits = (of: ReadonlySet<string>) => spoken.filter((word) => of.has(word)).length;
  const own = hits(little);
  for (const [name, of] of Object.entries(LITTLE_WORDS)) {
    const count = hits(of);
    if (name !== code && count >= MIN_HITS && count >= own * LEAD) return `the language "${name}"`;
  }
  return null;
}

function words(list: string): ReadonlySet<string> {
  return new Set(list.split(' '));
}
