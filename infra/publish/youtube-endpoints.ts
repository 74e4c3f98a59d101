import type { Config } from '../settings/config.ts';
import type { Secrets } from '../settings/secrets.ts';
import type { OAuthClient } from './oauth.ts';

/** Where YouTube is; a base URL of the operator stands for all of its hosts. */
export function youtubeEndpoints({ youtube }: Pick<Config, 'youtube'>) {
  const base = youtube.baseUrl?.replace(/\/$/, '');
  return {
    api: base ?? 'https://www.googleapis.com',
    authorize: `${base ?? 'https://accounts.google.com'}/o/oauth2/v2/auth`,
    token: `${base ?? 'https://oauth2.googleapis.com'}/token`,
    revoke: `${base ?? 'https://oauth2.googleapis.com'}/revoke`,
  };
}

/** Null without YOUTUBE_CLIENT_ID. */
export function oauthClient(
  config: Pick<Config, 'youtube'>,
  secrets: Pick<Secrets, 'youtubeClient'>,
): OAuthClient | null {
  const { clientId: id } = config.youtube;
  return id === null ? null : { id, secret: secrets.youtubeClient, endpoints: youtubeEndpoints(config) };
}
