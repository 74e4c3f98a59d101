import type { Scene, Usage } from '../../domain/results.ts';
import { FRAME_SIZE, type Order } from '../../domain/video.ts';
import { bestFile, interleave, ORIENTATION, termsOf } from '../footage/choose.ts';
import type { ClipOffer } from '../footage/obtain.ts';
import type { StageContext } from '../stage.ts';
import {
  type PexelsAccess,
  type PexelsFile,
  type PexelsVideo,
  searchAnswer,
  searchPexels,
} from './footage-pexels-search.ts';

export const PEXELS = 'pexels';

/** A video that fits a scene, with the file of it to download. */
export interface Candidate extends ClipOffer {
  videoId: number;
  /** As Pexels says, in whole seconds. */
  durationMs: number;
}

/** The search side of one collection. */
export interface Finder {
  access: PexelsAccess;
  pay: StageContext['pay'];
  order: Order;
  /** BCP 47 language of the search words. */
  language: string;
  signal: AbortSignal;
  /** Videos that the collection has taken already: none is shown twice. */
  used: ReadonlySet<number>;
  /** Those of the videos that the channel has shown lately. */
  taken(videoIds: readonly string[]): Promise<ReadonlySet<string>>;
  /** A search word found nothing. */
  onMissing(term: string): void;
}

const SEARCH: Usage = {
  service: 'media_api',
  operation: 'search',
  provider: PEXELS,
  model: 'videos',
  quantity: 1,
  unit: 'call',
};
const CANDIDATES_PER_TERM = 5;
/** Pages of a search, as far as it takes to find enough that may be shown: the first is small and mostly will do. */
const PAGES = [
  { page: 1, perPage: 15 },
  { page: 1, perPage: 80 },
  { page: 2, perPage: 80 },
  { page: 3, perPage: 80 },
] as const;
type Page = (typeof PAGES)[number];
/** Pexels' terms allow caching; a day keeps the search fresh and the monthly limit out of reach. */
const MAX_AGE_MS = 24 * 3_600_000;
const LOCALES =
  `en-US pt-BR es-ES ca-ES de-DE it-IT fr-FR sv-SE id-ID pl-PL ja-JP zh-CN zh-TW ko-KR th-TH nl-NL hu-HU vi-VN
  cs-CZ da-DK fi-FI uk-UA el-GR ro-RO nb-NO sk-SK tr-TR ru-RU`.split(/\s+/);

/** What may be shown during a scene, best first: five videos of each of its search words, in turn. */
export async function findCandidates(finder: Finder, scene: Scene): Promise<Candidate[]> {
  const lists: Candidate[][] = [];
  for (const term of termsOf(scene, finder.order.keywords)) {
    lists.push(await candidatesFor(finder, term));
  }
  const seen = new Set<number>();
  return interleave(lists).filter(({ videoId }) => !seen.has(videoId) && seen.add(videoId));
}

async function candidatesFor(finder: Finder, term: string): Promise<Candidate[]> {
  let found: Candidate[] = [];
  for (const page of PAGES) {
    const videos = await search(finder, term, page);
    if (videos.length === 0 && page.page === 1) finder.onMissing(term);
    const here = await candidatesOf(finder, videos);
    // The second answer begins with the first one.
    found = page.page === 1 ? here : [...found, ...here];
    if (found.length >= CANDIDATES_PER_TERM || videos.length < page.perPage) break;
  }
  return found.slice(0, CANDIDATES_PER_TERM);
}

async function search(finder: Finder, term: string, page: Page): Promise<PexelsVideo[]> {
  const { access, pay, order, language, signal } = finder;
  const query = { term, orientation: ORIENTATION[order.aspect], locale: localeOf(language), ...page };
  const { videos } = await pay({
    kind: 'footage_search',
    inputs: [access.baseUrl, query],
    most: [SEARCH],
    shared: 'all',
    maxAgeMs: MAX_AGE_MS,
    send: async () => ({ usage: [SEARCH], answer: { videos: await searchPexels(access, query, signal) } }),
    // An earlier version may have kept less of an answer.
    reuse: async (stored) => searchAnswer.safeParse(stored).data ?? null,
  });
  return videos;
}

/** Pexels' name of a language, or '' for one that it does not search in. */
function localeOf(language: string): string {
  const wanted = language.toLowerCase();
  const [base] = wanted.split('-');
  const exact = LOCALES.find((locale) => locale.toLowerCase() === wanted);
  return exact ?? LOCALES.find((locale) => locale.split('-')[0] === base) ?? '';
}

async function candidatesOf(
  { order, used, taken }: Finder,
  videos: readonly PexelsVideo[],
): Promise<Candidate[]> {
  const frame = FRAME_SIZE[order.aspect];
  const shown = await taken(videos.map(({ id }) => String(id)));
  return videos.flatMap((video) => {
    const file =
      used.has(video.id) || shown.has(String(video.id)) ? null : bestFile(video.video_files, frame);
    return file ? [candidate(video, file)] : [];
  });
}

function candidate(video: PexelsVideo, file: PexelsFile): Candidate {
  return {
    provider: PEXELS,
    videoId: video.id,
    fileId: String(file.id),
    link: file.link,
    durationMs: video.duration * 1000,
    licence: {
      source: 'Pexels',
      id: String(video.id),
      author: video.user.name,
      licence: 'Pexels License',
      url: video.url,
    },
  };
}
