import { readFile } from 'node:fs/promises';
import type { UnitCall } from '../../domain/publishing.ts';
import type { ArtifactName, ArtifactRef } from '../../domain/video.ts';
import { openAccount } from '../../infra/publish/account.ts';
import {
  type Extra,
  noteExtra,
  type Publication,
  packageOf,
  readPublication,
} from '../../infra/publish/publications.ts';
import { closeDay, takeUnits } from '../../infra/publish/quota.ts';
import type { YouTube } from '../../infra/publish/youtube.ts';
import { YouTubeError } from '../../infra/publish/youtube-error.ts';
import type { PublishContext } from './activities.ts';
import { chargeCall } from './charge.ts';
import { metadataIn } from './resource.ts';

/** After so many tries the video does without. */
const MAX_TRIES = 8;

type Files = Record<ArtifactName, ArtifactRef>;

/** Sets the package's thumbnail; the same again is harmless. */
export function setThumbnail(context: PublishContext): Promise<void> {
  return addExtra(context, 'thumbnail', 'thumbnails.set', async (youtube, id, files) => {
    const { artifacts } = context.deps;
    await youtube.setThumbnail(
      id,
      await readFile(await artifacts.open(files['thumbnail.jpg'], context.signal)),
    );
  });
}

/** Adds the captions as text; those that are there, from a try whose answer was lost, stay. */
export function addCaptions(context: PublishContext): Promise<void> {
  return addExtra(context, 'captions', 'captions.insert', async (youtube, id, files) => {
    const { artifacts } = context.deps;
    const { defaultLanguage } = await metadataIn(artifacts.open(files['metadata.json'], context.signal));
    const captions = await readFile(await artifacts.open(files['captions.vtt'], context.signal));
    await youtube.addCaptions(id, defaultLanguage, captions).catch(unlessThere);
  });
}

/** A published video is published with or without it: what cannot be had is noted, and the rest goes on. */
async function addExtra(
  context: PublishContext,
  extra: Extra,
  call: UnitCall,
  add: (youtube: YouTube, youtubeId: string, files: Files) => Promise<void>,
): Promise<void> {
  const { deps, videoId } = context;
  const publication = await readPublication(deps.pool, videoId);
  const youtubeId = publication?.youtube_id;
  if (!publication || !youtubeId || isDone(publication, extra)) return;
  const files = await packageOf(deps.pool, videoId);
  if (files === null) return noteExtra(deps.pool, videoId, extra, 'artifact_expired');
  if (!(await takeUnits(deps, call))) return noteExtra(deps.pool, videoId, extra, 'quota');
  try {
    await add(await openAccount(deps, publication.channel_id, context.signal), youtubeId, files);
    await noteExtra(deps.pool, videoId, extra, null);
    await chargeCall(context, call);
  } catch (error) {
    if (!(error instanceof YouTubeError)) throw error;
    if (error.fault === 'quota') await closeDay(deps.pool, 'units');
    if (error.fault === 'unreachable' && context.attempt < MAX_TRIES) throw error;
    deps.log.warn({ err: error, video_id: videoId }, `the ${extra} could not be added`);
    await noteExtra(deps.pool, videoId, extra, error.fault);
  }
}

function isDone(publication: Publication, extra: Extra): boolean {
  const at = extra === 'thumbnail' ? publication.thumbnail_at : publication.captions_at;
  return at !== null || extra in publication.missing;
}

function unlessThere(error: unknown): void {
  if (!(error instanceof YouTubeError) || error.fault !== 'exists') throw error;
}
