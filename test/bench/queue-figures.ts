import { LANES, type Lane } from '../../domain/lanes.ts';
import type { Complexity } from '../../domain/video.ts';

/** A video's times in milliseconds since the epoch, by Postgres' clock; null = not yet. */
export interface VideoTimes {
  id: string;
  status: string;
  complexity: Complexity;
  score: number;
  lane: Lane | null;
  created: number;
  admitted: number | null;
  completed: number | null;
}

/** A video that has had its admission. */
type Admitted = VideoTimes & { lane: Lane; admitted: number };

/** Percentiles of milliseconds; `n` says what they are worth. */
export interface Spread {
  n: number;
  p50: number;
  p95: number;
  p99: number;
}

export function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number) => round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]);
  return { n: sorted.length, p50: at(0.5), p95: at(0.95), p99: at(0.99) };
}

export function round(value: number | undefined, digits = 1): number {
  return Math.round((value ?? Number.NaN) * 10 ** digits) / 10 ** digits;
}

/** Those admitted, in order of admission. */
export function admissionsOf(videos: readonly VideoTimes[]): Admitted[] {
  return videos
    .filter((video): video is Admitted => video.lane !== null && video.admitted !== null)
    .sort((a, b) => a.admitted - b.admitted);
}

/**
 * Pairs, lane by lane and in order, each end that freed a place with the admission that took it. The first
 * admissions of a lane take places that nobody has held, and belong to none.
 */
export function handOvers(
  videos: readonly VideoTimes[],
  places: Record<Lane, number>,
): { freed: number; next: Admitted }[] {
  const admitted = admissionsOf(videos);
  return LANES.flatMap((lane) => {
    const own = admitted.filter((video) => video.lane === lane);
    const freed = own.flatMap(({ completed }) => completed ?? []).sort((a, b) => a - b);
    return own.slice(places[lane]).map((next, index) => ({ freed: freed[index] ?? Number.NaN, next }));
  });
}

/** The most videos that were in production on the lane at one moment. */
export function peakOf(videos: readonly VideoTimes[], lane: Lane): number {
  const own = admissionsOf(videos).filter((video) => video.lane === lane);
  return Math.max(
    0,
    ...own.map(
      ({ admitted: at }) =>
        own.filter(
          ({ admitted, completed }) => admitted <= at && (completed ?? Number.POSITIVE_INFINITY) > at,
        ).length,
    ),
  );
}

/** Admissions that passed by a waiting video with a higher score that could have had the place. */
export function inversionsOf(videos: readonly VideoTimes[]): number {
  let inversions = 0;
  for (const taken of admissionsOf(videos)) {
    const passedBy = (other: VideoTimes) =>
      other.score > taken.score &&
      other.created < taken.admitted &&
      (other.admitted ?? Number.POSITIVE_INFINITY) > taken.admitted &&
      fits(other.complexity, taken.lane);
    inversions += videos.filter(passedBy).length;
  }
  return inversions;
}

function fits(complexity: Complexity, lane: Lane): boolean {
  return complexity === 'premium' || (complexity === 'simple') === (lane === 'cpu');
}
