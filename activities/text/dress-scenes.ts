import { CARD_KINDS, type Card, type CardKind, type Scene } from '../../domain/results.ts';
import { bulletsOf, CARD_LIMITS, figureOf, headingFrom, quoteOf, sidesOf } from './card-text.ts';
import { fitsIn, shorten } from './clean-text.ts';
import type { Draft } from './draft.ts';
import { keywords } from './words.ts';

type CardFields = Omit<Card, 'kind' | 'kicker' | 'title'>;

const KEYWORDS_PER_SCENE = 3;

/** What the cards of one video share. */
export interface CardStyle {
  title: string;
  /** Line above the title of the first card; empty for none. */
  opening: string;
  /** Line below the title of the first and of the last card. */
  subtitle: string;
  closing: string;
  /** Kicker of every card between; null = the title of the video. */
  mark: string | null;
  /** Search words of the order, for scenes whose own words give none. */
  keywords: readonly string[];
}

/**
 * Scenes with their cards. The first is a title card and the last an outro; between them the kinds rotate among
 * those that the scene has the content for, the least used first, and no two neighbours match.
 */
export function dressScenes(drafts: readonly Draft[], style: CardStyle): Scene[] {
  const used = new Map<CardKind, number>();
  let previous: CardKind | null = null;
  return drafts.map((draft, index) => {
    const heading = draft.heading ?? (index === 0 ? style.title : headingFrom(draft.sentences));
    const last = index === drafts.length - 1 && index > 0;
    const fitting =
      index === 0
        ? openingCard(style)
        : last
          ? closingCard(style)
          : fields(draft, heading, drafts[index + 1]);
    const kind = nextKind([...fitting.keys()], used, previous, draft);
    used.set(kind, (used.get(kind) ?? 0) + 1);
    previous = kind;
    return {
      heading: shorten(heading, CARD_LIMITS.title),
      card: {
        kind,
        ...labels(kind, heading, style, `${index + 1} / ${drafts.length}`),
        ...fitting.get(kind),
      },
      sentences: draft.sentences,
      keywords: searchWords(draft, style),
    };
  });
}

function labels(
  kind: CardKind,
  heading: string,
  style: CardStyle,
  place: string,
): Pick<Card, 'kicker' | 'title'> {
  const title = shorten(style.title, CARD_LIMITS.title);
  if (kind === 'outro') {
    const short = heading !== style.title && fitsIn(heading, CARD_LIMITS.kicker);
    return { kicker: style.mark ?? (short ? heading : place), title };
  }
  if (place.startsWith('1 ')) return { kicker: shorten(style.opening, CARD_LIMITS.kicker), title };
  const named = fitsIn(style.title, CARD_LIMITS.kicker) ? style.title : place;
  return { kicker: style.mark ?? named, title: shorten(heading, CARD_LIMITS.title) };
}

function openingCard(style: CardStyle): Map<CardKind, CardFields> {
  return new Map([['title', captioned(style.subtitle)]]);
}

function closingCard(style: CardStyle): Map<CardKind, CardFields> {
  return new Map([['outro', captioned(style.closing)]]);
}

function captioned(text: string): CardFields {
  return text === '' ? {} : { caption: shorten(text, CARD_LIMITS.caption) };
}

/** Every kind that this scene has the content for; a title card (a chapter's name) always fits. */
function fields(draft: Draft, heading: string, next: Draft | undefined): Map<CardKind, CardFields> {
  const fitting = new Map<CardKind, CardFields>();
  const shown = { ...draft, sentences: draft.sentences.filter((sentence) => !sentence.startsWith(heading)) };
  const figure = figureOf(draft);
  const sides = sidesOf(draft);
  // Sentences as bullets would take the place of the real list that follows.
  const bullets = hasList(draft) || !hasList(next) ? bulletsOf(shown) : null;
  const quote = quoteOf(shown);
  if (figure) fitting.set('number', figure);
  if (bullets) fitting.set('bullets', { bullets });
  if (sides) fitting.set('comparison', sides);
  if (quote) fitting.set('quote', { quote });
  fitting.set('title', captioned(shown.sentences[0] ?? ''));
  return fitting;
}

/** Ties go to the kind that shows more: number, list and comparison before quote, quote before title. */
const PREFERENCE: readonly CardKind[] = ['bullets', 'number', 'comparison', 'quote', 'title', 'outro'];

function nextKind(
  kinds: readonly CardKind[],
  used: ReadonlyMap<CardKind, number>,
  previous: CardKind | null,
  draft: Draft,
): CardKind {
  const open = kinds.filter((kind) => kind !== previous);
  if (hasList(draft) && open.includes('bullets')) return 'bullets';
  const uses = (kind: CardKind) => used.get(kind) ?? 0;
  const ranked = [...(open.length > 0 ? open : kinds)].sort(
    (a, b) => uses(a) - uses(b) || PREFERENCE.indexOf(a) - PREFERENCE.indexOf(b),
  );
  return ranked[0] ?? CARD_KINDS[0];
}

function hasList(draft: Draft | undefined): boolean {
  return draft !== undefined && draft.bullets.length > 1;
}

function searchWords(draft: Draft, style: CardStyle): string[] {
  const own = keywords(`${draft.heading ?? ''} ${draft.sentences.join(' ')}`, KEYWORDS_PER_SCENE);
  return [...new Set([...own, ...style.keywords])].slice(0, KEYWORDS_PER_SCENE);
}
