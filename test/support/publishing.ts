import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { StageWorks } from '../../activities/index.ts';
import { ARTIFACT_NAMES, type ArtifactName, type ArtifactRef } from '../../domain/video.ts';
import { connectChannel } from '../../infra/publish/channels.ts';
import { openTokenBox } from '../../infra/publish/token-box.ts';
import { NO_SECRETS } from '../../infra/settings/secrets.ts';
import { fakeProduct } from './fake-works.ts';
import type { FakeYouTube } from './fakes/youtube.ts';
import type { TestDeps } from './test-deps.ts';

/** What an operator sets to publish at the fake, with parts of 512 kB. */
export function youtubeSettings({ url }: Pick<FakeYouTube, 'url'>) {
  return {
    clientId: 'client',
    baseUrl: url,
    uploadsPerDay: 100,
    unitsPerDay: 10_000,
    partBytes: 512 * 1024,
  };
}

export const YOUTUBE_SECRETS = {
  ...NO_SECRETS,
  youtubeClient: 'client-secret',
  youtubeApi: 'api-key-of-the-test',
  youtubeTokenKey: 'ab'.repeat(32),
};

/** Connects a channel as the command does, with a refresh token that the fake knows. */
export async function connectTo(youtube: FakeYouTube, deps: TestDeps, channel_id: string): Promise<string> {
  const refresh = `1//refresh-${randomBytes(24).toString('hex')}`;
  youtube.grant.refresh.push(refresh);
  const box = await openTokenBox(deps);
  await connectChannel(deps.pool, box, {
    channel_id,
    youtube_id: 'UCfake',
    title: 'A fake channel',
    refresh,
  });
  return refresh;
}

/** The last stage, with a package whose video has these bytes. */
export function packageOf(video: Buffer): StageWorks['upload_preparation'] {
  const contents: Record<ArtifactName, string | Buffer> = {
    'video.mp4': video,
    'captions.srt': '1',
    'captions.vtt': 'WEBVTT of the test',
    'thumbnail.jpg': 'a thumbnail',
    'metadata.json': JSON.stringify(METADATA),
    'licences.json': '{}',
    'bill.json': '{}',
  };
  return async ({ workDir, publish }) => {
    const files: Partial<Record<ArtifactName, ArtifactRef>> = {};
    for (const name of ARTIFACT_NAMES) {
      const path = join(workDir, name);
      await writeFile(path, contents[name]);
      files[name] = await publish(path, name);
    }
    return {
      ...fakeProduct('upload_preparation'),
      result: { files: files as Record<ArtifactName, ArtifactRef> },
    };
  };
}

/** What a package says of its video. */
export const METADATA = {
  title: 'A test',
  description: 'About it\n\n0:00 One',
  tags: ['one'],
  categoryId: '22',
  privacyStatus: 'private',
  defaultLanguage: 'en',
  defaultAudioLanguage: 'en',
  containsSyntheticMedia: true,
  selfDeclaredMadeForKids: false,
};
