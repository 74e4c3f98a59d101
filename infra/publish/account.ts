import type { Deps } from '../deps.ts';
import { refreshTokenOf } from './channels.ts';
import { openTokenBox } from './token-box.ts';
import { openYouTube, type YouTube } from './youtube.ts';
import { oauthClient, youtubeEndpoints } from './youtube-endpoints.ts';
import { YouTubeError } from './youtube-error.ts';

/** The account of a channel, ready for calls. A YouTubeError `provider_account` when it is not connected. */
export async function openAccount(
  deps: Pick<Deps, 'pool' | 'config' | 'secrets'>,
  channelId: string,
  signal: AbortSignal,
): Promise<YouTube> {
  const client = oauthClient(deps.config, deps.secrets);
  if (client === null) throw new YouTubeError('provider_account', 'YOUTUBE_CLIENT_ID is not set');
  const refresh = await refreshTokenOf(deps.pool, await openTokenBox(deps), channelId).catch(
    (error: unknown) => {
      if (error instanceof Error && 'code' in error) throw error;
      throw new YouTubeError('provider_account', (error as Error).message, { cause: error });
    },
  );
  if (refresh === null) {
    throw new YouTubeError('provider_account', `the channel "${channelId}" is not connected`);
  }
  return openYouTube({ client, api: youtubeEndpoints(deps.config).api, refresh, signal });
}

export function howToConnect(channelId: string): string {
  return `run "npm run ytempire -- youtube connect --channel ${channelId}"`;
}
