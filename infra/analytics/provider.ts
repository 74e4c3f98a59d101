import { type ConfiguredProvider, markOf } from '../providers/configured.ts';
import { youtubeEndpoints } from '../publish/youtube-endpoints.ts';
import type { Config } from '../settings/config.ts';
import type { Secrets } from '../settings/secrets.ts';

/** Name of the gate that a refused key closes. */
export const STATISTICS_PROVIDER = 'youtube-statistics';

/** The service behind statistics, where there is a key for it. Another key opens a gate that the old one has closed. */
export function statisticsProvider(
  config: Pick<Config, 'youtube'>,
  { youtubeApi }: Pick<Secrets, 'youtubeApi'>,
): ConfiguredProvider[] {
  if (youtubeApi === null) return [];
  const account = markOf(youtubeEndpoints(config).api, youtubeApi);
  return [{ name: STATISTICS_PROVIDER, kind: 'statistics', account, standIn: null }];
}
