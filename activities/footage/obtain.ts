import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { Clip, Licence } from '../../domain/results.ts';
import { ArtifactGone } from '../../infra/artifacts/artifact-gone.ts';
import type { Deps } from '../../infra/deps.ts';
import { findClip, saveClip } from '../../infra/media/footage-cache.ts';
import { addSharedFile } from '../../infra/retention/shared-files.ts';
import { download } from './download.ts';
import { inspectClip } from './inspect.ts';

/** Where clips are found again and kept, and what may be downloaded. */
export type ClipShelf = Pick<Deps, 'pool' | 'artifacts' | 'config'> & {
  tools: { ffmpeg: string; ffprobe: string };
  hosts: readonly string[];
};

/** A file that a provider offers for download. */
export interface ClipOffer {
  provider: string;
  fileId: string;
  link: string;
  licence: Omit<Licence, 'sha256' | 'fetchedAt'>;
}

/**
 * The clip of an offer: the one that an earlier video has downloaded, else downloaded, inspected and kept for all
 * videos now. Throws ClipRefused when the file is not usable.
 */
export async function obtainClip(
  shelf: ClipShelf,
  offer: ClipOffer,
  attempt: { workDir: string; signal: AbortSignal },
): Promise<Clip> {
  const { provider, fileId } = offer;
  const known = await findClip(shelf.pool, provider, fileId);
  if (known && (await isStored(shelf, known))) return known;
  const path = join(attempt.workDir, `clip-${randomUUID()}.mp4`);
  const { sha256 } = await download(offer.link, path, { hosts: shelf.hosts, signal: attempt.signal });
  const facts = await inspectClip(shelf.tools, path, attempt.signal);
  // Named by its content: a file that the provider replaces never changes one that a video refers to.
  const key = `shared/footage/${sha256}.mp4`;
  const licence = { ...offer.licence, sha256, fetchedAt: new Date().toISOString() };
  return addSharedFile(shelf, key, async (tx) => {
    const clip = { file: await shelf.artifacts.put(path, key, attempt.signal), ...facts, licence };
    await saveClip(tx, provider, fileId, clip);
    return clip;
  });
}

async function isStored({ artifacts }: ClipShelf, { file }: Clip): Promise<boolean> {
  try {
    await artifacts.open(file);
    return true;
  } catch (error) {
    if (error instanceof ArtifactGone) return false;
    throw error;
  }
}
