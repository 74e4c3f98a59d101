import { UNITS_PER_DAY, UPLOADS_PER_DAY } from '../../domain/publishing.ts';
import type { Env } from './env.ts';

/** Where finished videos may be published, and how often their statistics are collected. */
export interface YoutubeConfig {
  /** OAuth client of the operator; null = no video can be published. */
  clientId: string | null;
  /** Stands for all of YouTube's hosts; null = the real ones. */
  baseUrl: string | null;
  uploadsPerDay: number;
  /** Allowance of all calls but uploads. */
  unitsPerDay: number;
  /** Bytes of a part, a multiple of 256 kB. */
  partBytes: number;
  /** Time between two collections of statistics; null = there is no key for them. */
  statisticsMs: number | null;
}

const PART_BYTES = 8 * 1024 ** 2;
const HOUR_MS = 3_600_000;
const STATISTICS_HOURS = 6;

export function youtubeConfig(env: Env): YoutubeConfig {
  const hours = env.STATISTICS_HOURS ?? STATISTICS_HOURS;
  return {
    clientId: env.YOUTUBE_CLIENT_ID ?? null,
    baseUrl: env.YOUTUBE_BASE_URL ?? null,
    uploadsPerDay: env.YOUTUBE_UPLOADS_PER_DAY ?? UPLOADS_PER_DAY,
    unitsPerDay: env.YOUTUBE_UNITS_PER_DAY ?? UNITS_PER_DAY,
    partBytes: PART_BYTES,
    statisticsMs: env.YOUTUBE_API_KEY === undefined ? null : hours * HOUR_MS,
  };
}
