import { readFile } from 'node:fs/promises';
import type { ArtifactName, ArtifactRef } from '../../domain/video.ts';
import type { UploadMetadata } from '../upload/metadata.ts';
import type { PublishContext } from './activities.ts';

/** The video resource that `videos.insert` takes: what the package's metadata.json says, and when it becomes public. */
export async function resourceOf(
  { deps, signal }: PublishContext,
  files: Record<ArtifactName, ArtifactRef>,
  publishAt: Date | null,
) {
  const metadata = await metadataIn(deps.artifacts.open(files['metadata.json'], signal));
  const { title, description, tags, categoryId, defaultLanguage, defaultAudioLanguage } = metadata;
  const { privacyStatus, containsSyntheticMedia, selfDeclaredMadeForKids } = metadata;
  return {
    snippet: { title, description, tags, categoryId, defaultLanguage, defaultAudioLanguage },
    status: {
      privacyStatus,
      containsSyntheticMedia,
      selfDeclaredMadeForKids,
      // YouTube takes it of a private video alone; one that has passed publishes at once.
      ...(publishAt && { publishAt: publishAt.toISOString() }),
    },
  };
}

/** What the package says of its video. */
export async function metadataIn(path: Promise<string>): Promise<UploadMetadata> {
  return JSON.parse(await readFile(await path, 'utf8')) as UploadMetadata;
}
