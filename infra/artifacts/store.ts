import type { Readable } from 'node:stream';
import type { ArtifactRef } from '../../domain/video.ts';
import type { Config } from '../settings/config.ts';
import type { Secrets } from '../settings/secrets.ts';
import { openFileStore } from './file-store.ts';
import { openS3Store } from './s3/s3-store.ts';

/** First and last byte, both included. */
export interface ByteSpan {
  first: number;
  last: number;
}

/**
 * Where finished files live. A key is a relative path such as `<video_id>/<run>/<name>`. Whatever else goes wrong is
 * a StageError `infrastructure` where the store is another machine's; an aborted `signal` throws its reason.
 */
export interface ArtifactStore {
  /** The value of ARTIFACTS, for people. */
  readonly name: string;
  /** Copies the file to its key; a reader sees all of it or nothing. No key, and no link, leads out of the store. */
  put(path: string, key: string, signal?: AbortSignal): Promise<ArtifactRef>;
  /**
   * Local path of an artifact, which is there for the length of a stage and must not be written to. ArtifactGone when
   * it is missing or not what was put.
   */
  open(ref: ArtifactRef, signal?: AbortSignal): Promise<string>;
  /** Local path of whatever lies at the key now, whichever machine has put it, or null. */
  find(key: string, signal?: AbortSignal): Promise<string | null>;
  /** Size in bytes of the file at the key, or null. */
  sizeAt(key: string): Promise<number | null>;
  /** The bytes of a file as they come, for a reader who keeps none of it here. */
  read(key: string, span: ByteSpan): Readable;
  /** Removes the file or folder at the key; nothing there is fine. */
  remove(prefix: string): Promise<void>;
  /** Removes what killed processes left half-written: this machine's at once, others' after an hour. Returns the number. */
  removeParts(): Promise<number>;
  /** Bytes free on the disk of this machine that the files lie on, or come to. */
  freeBytes(): Promise<number>;
  /** The store's own uuid, made on first use: two machines with the same marker share their files. */
  marker(): Promise<string>;
}

/** The store that ARTIFACTS names. Throws an Error when it needs keys that are not set; no server is asked yet. */
export function openArtifacts(config: Config, secrets: Secrets): ArtifactStore {
  return config.bucket === null
    ? openFileStore(config)
    : openS3Store({ ...config, bucket: config.bucket }, secrets);
}
