import { Readable } from 'node:stream';
import type { Context, Handler } from 'hono';
import { ARTIFACT_NAMES, type ArtifactName, type ArtifactRef } from '../../domain/video.ts';
import { BucketError } from '../../infra/artifacts/s3/bucket-error.ts';
import { filesOf } from '../../infra/views/video-files.ts';
import type { ApiDeps } from '../app.ts';
import { type ByteRange, rangeOf } from '../byte-range.ts';
import { ProblemError } from '../errors.ts';
import { absentVideo, videoIdOf } from '../video-id.ts';

const CONTENT_TYPE: Record<ArtifactName, string> = {
  'video.mp4': 'video/mp4',
  'captions.srt': 'application/x-subrip; charset=utf-8',
  'captions.vtt': 'text/vtt; charset=utf-8',
  'thumbnail.jpg': 'image/jpeg',
  'metadata.json': 'application/json',
  'licences.json': 'application/json',
  'bill.json': 'application/json',
};

/** GET /pipeline/videos/{id}/artifacts/{name}: a file of the upload package; its ETag is its sha256. */
export function artifactsRoute(deps: ApiDeps): Handler {
  return async (context) => {
    const name = artifactNameOf(context);
    const ref = await findRef(deps, videoIdOf(context), name);
    await locate(deps, ref, name);
    const headers = {
      'content-type': CONTENT_TYPE[name],
      'content-disposition': `inline; filename="${name}"`,
      'x-content-type-options': 'nosniff',
      'accept-ranges': 'bytes',
      'cache-control': 'private, no-cache',
      etag: `"${ref.sha256}"`,
    };
    if (context.req.header('if-none-match')?.includes(headers.etag)) return context.body(null, 304, headers);
    const range = rangeOf(
      {
        range: context.req.header('range'),
        ifRange: context.req.header('if-range'),
        etag: headers.etag,
      },
      ref.bytes,
    );
    if (range === 'unsatisfiable') throw beyondEnd(ref.bytes);
    return answerFile(context, deps, ref, range, headers);
  };
}

function artifactNameOf(context: Context): ArtifactName {
  const name = ARTIFACT_NAMES.find((known) => known === context.req.param('name'));
  if (name) return name;
  const detail = `No artifact has this name; there are ${ARTIFACT_NAMES.join(', ')}.`;
  throw new ProblemError(404, 'artifact_not_found', detail);
}

async function findRef(deps: ApiDeps, videoId: string, name: ArtifactName): Promise<ArtifactRef> {
  const files = await filesOf(deps.pool, videoId);
  if (files === undefined) throw await absentVideo(deps, videoId);
  if (files === 'expired') throw expired(deps.config.artifactDays);
  const ref = files?.[name];
  if (!ref) throw new ProblemError(404, 'artifact_not_found', `The video has no ${name} (yet).`);
  return ref;
}

/** The store's hash check would read the whole file for each range, so the size stands in; clients have the ETag. */
async function locate(deps: ApiDeps, ref: ArtifactRef, name: ArtifactName): Promise<void> {
  const bytes = await deps.artifacts.sizeAt(ref.key).catch((error: unknown) => {
    if (!(error instanceof BucketError)) throw error;
    deps.log.error({ err: error, key: ref.key }, 'the bucket did not answer');
    throw storeAway();
  });
  if (bytes === ref.bytes) return;
  deps.log.error({ key: ref.key, found: bytes !== null }, 'artifact is missing or damaged');
  throw new ProblemError(410, 'artifact_damaged', `${name} is no longer in the store as it was made.`);
}

/** The refusal while the bucket does not answer. */
export function storeAway(): ProblemError {
  const detail = 'The store of the files cannot be reached; try again in some seconds.';
  return new ProblemError(503, 'store_away', detail, { headers: { 'retry-after': '5' } });
}

function expired(days: number): ProblemError {
  const detail = `The files of this video were removed: they are kept for ${days} days after its end (ARTIFACT_DAYS).`;
  return new ProblemError(410, 'artifact_expired', detail);
}

function beyondEnd(bytes: number): ProblemError {
  return new ProblemError(416, 'range_not_satisfiable', `The file has ${bytes} bytes.`, {
    headers: { 'content-range': `bytes */${bytes}` },
  });
}

function answerFile(
  context: Context,
  { artifacts }: ApiDeps,
  { key, bytes }: ArtifactRef,
  range: ByteRange | null,
  headers: Record<string, string>,
): Response {
  const { first, last } = range ?? { first: 0, last: bytes - 1 };
  const all = {
    ...headers,
    'content-length': String(last - first + 1),
    ...(range && { 'content-range': `bytes ${first}-${last}/${bytes}` }),
  };
  const status = range ? 206 : 200;
  if (context.req.method === 'HEAD' || bytes === 0) return context.body(null, status, all);
  const file = Readable.toWeb(artifacts.read(key, { first, last }));
  return context.body(file as ReadableStream, status, all);
}
