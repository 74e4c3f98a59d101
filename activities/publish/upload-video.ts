import { open } from 'node:fs/promises';
import { StageError } from '../../domain/errors.ts';
import type { UploadAnswer } from '../../domain/publishing.ts';
import type { ArtifactName, ArtifactRef } from '../../domain/video.ts';
import { howToConnect, openAccount } from '../../infra/publish/account.ts';
import {
  dropSession,
  keepSession,
  markLastPart,
  notePublished,
  noteSent,
  noteWaiting,
  type Publication,
  packageOf,
  readPublication,
} from '../../infra/publish/publications.ts';
import { closeChannel, closeDay, takeUpload, turnIn } from '../../infra/publish/quota.ts';
import { openTokenBox } from '../../infra/publish/token-box.ts';
import type { UploadState, YouTube } from '../../infra/publish/youtube.ts';
import { YouTubeError } from '../../infra/publish/youtube-error.ts';
import type { PublishContext } from './activities.ts';
import { chargeCall } from './charge.ts';
import { PublishError } from './failure.ts';
import { resourceOf } from './resource.ts';

type Files = Record<ArtifactName, ArtifactRef>;

/**
 * Uploads the video, or goes on where an earlier attempt was: the session, which alone can make the video, stands in
 * Postgres before its first byte. Answers a wait when the day's allowance is used up.
 */
export async function uploadVideo(context: PublishContext): Promise<UploadAnswer> {
  const { deps, videoId } = context;
  const publication = await openPublication(context);
  if (publication.youtube_id !== null) return { youtube_id: publication.youtube_id };
  const files = await packageOf(deps.pool, videoId);
  if (files === null)
    throw new PublishError('artifact_expired', 'the files of the video were removed as too old');
  try {
    const youtube = await openAccount(deps, publication.channel_id, context.signal);
    const session = publication.session ?? (await beginSession(context, publication, youtube, files));
    if (session === null) return waitForTurn(context, 'quota');
    const youtube_id = await finishUpload(context, youtube, session, files['video.mp4']);
    await chargeCall(context, 'videos.insert');
    await notePublished(deps.pool, videoId, youtube_id);
    return { youtube_id };
  } catch (error) {
    return await unlessQuota(context, publication, error);
  }
}

async function openPublication({ deps, videoId }: PublishContext): Promise<Publication> {
  const publication = await readPublication(deps.pool, videoId);
  if (publication === null) throw new PublishError('bug', 'there is no such publication');
  if (publication.youtube_id === null && ['failed', 'cancelled'].includes(publication.state)) {
    throw new PublishError('ended', `the publication has ended as ${publication.state}`);
  }
  return publication;
}

/** Sealed, as it stands in Postgres; null when it is not this video's turn. */
async function beginSession(
  context: PublishContext,
  publication: Publication,
  youtube: YouTube,
  files: Files,
): Promise<string | null> {
  const { deps, videoId } = context;
  if (!(await takeUpload(deps, videoId))) return null;
  const resource = await resourceOf(context, files, publication.publish_at);
  const { bytes } = files['video.mp4'];
  const address = await youtube.startSession({ resource, bytes });
  const sealed = (await openTokenBox(deps)).seal(address, videoId);
  const kept = await keepSession(deps.pool, videoId, sealed, bytes);
  if (kept === null) throw new PublishError('ended', 'the publication has ended meanwhile');
  return kept;
}

async function finishUpload(
  context: PublishContext,
  youtube: YouTube,
  sealed: string,
  video: ArtifactRef,
): Promise<string> {
  const { deps, videoId, signal } = context;
  const session = (await openTokenBox(deps)).open(sealed, videoId);
  const path = await deps.artifacts.open(video, signal);
  const file = await open(path);
  try {
    let state: UploadState = await youtube.uploadState(session, video.bytes);
    while ('offset' in state)
      state = await sendNext(context, youtube, { session, sealed, file, video }, state.offset);
    return state.youtubeId;
  } catch (error) {
    if (!(error instanceof YouTubeError) || error.fault !== 'gone') throw error;
    throw await sessionGone(context, sealed);
  } finally {
    await file.close();
  }
}

interface Upload {
  session: string;
  /** The session as it stands in Postgres. */
  sealed: string;
  file: Awaited<ReturnType<typeof open>>;
  video: ArtifactRef;
}

async function sendNext(
  { deps, videoId, signal }: PublishContext,
  youtube: YouTube,
  { session, sealed, file, video }: Upload,
  offset: number,
): Promise<UploadState> {
  signal.throwIfAborted();
  const length = Math.min(deps.config.youtube.partBytes, video.bytes - offset);
  if (offset + length >= video.bytes && !(await markLastPart(deps.pool, videoId, sealed))) {
    throw new PublishError('ended', 'the publication has ended, or has another session');
  }
  const part = Buffer.alloc(length);
  const { bytesRead } = await file.read(part, 0, length, offset);
  if (bytesRead < length) throw new StageError('infrastructure', `${video.key} is shorter than it was`);
  const state = await youtube.sendPart(session, part, offset, video.bytes);
  if ('youtubeId' in state) return state;
  if (state.offset <= offset) throw new YouTubeError('unreachable', 'YouTube has taken nothing of a part');
  await noteSent(deps.pool, videoId, state.offset);
  return state;
}

/** Another session is only begun when this one cannot have made a video. */
async function sessionGone({ deps, videoId }: PublishContext, sealed: string): Promise<Error> {
  if (await dropSession(deps.pool, videoId, sealed)) {
    return new YouTubeError('unreachable', 'the upload session is gone; the upload begins anew');
  }
  return new PublishError(
    'doubtful',
    'the upload session is gone after its last part was sent: the video may be at YouTube; look there before anything else',
  );
}

async function unlessQuota(context: PublishContext, { channel_id }: Publication, error: unknown) {
  const { deps } = context;
  if (!(error instanceof YouTubeError)) throw error;
  if (error.fault === 'provider_account') throw notConnected(error, channel_id);
  if (error.fault === 'quota') await closeDay(deps.pool, 'uploads');
  else if (error.fault === 'upload_limit') await closeChannel(deps.pool, channel_id);
  else throw error;
  return waitForTurn(context, error.fault);
}

function notConnected({ message }: YouTubeError, channelId: string): PublishError {
  return new PublishError('provider_account', `${message}; ${howToConnect(channelId)}`);
}

async function waitForTurn({ deps, videoId }: PublishContext, reason: string): Promise<UploadAnswer> {
  await noteWaiting(deps.pool, videoId, reason);
  return { wait_ms: await turnIn(deps, videoId) };
}
