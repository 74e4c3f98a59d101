import { constants, copyFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Usage } from '../domain/results.ts';
import { ARTIFACT_NAMES, type ArtifactName, type ArtifactRef } from '../domain/video.ts';
import type { Config } from '../infra/settings/config.ts';
import { cuesOf } from './captions/cues.ts';
import { LINE_CHARS } from './captions/lines.ts';
import { srtFile, vttFile } from './captions/text-tracks.ts';
import { shownMedia } from './render/shown-media.ts';
import { need, type StageContext, type StageWork } from './stage.ts';
import { sharpestFrame } from './thumbnail/frames.ts';
import { drawThumbnail, THUMBNAIL } from './thumbnail.ts';
import { licencesOf } from './upload/licences.ts';
import { metadataOf } from './upload/metadata.ts';

/** Everything of the package but the bill, which can only be written once the package's size is paid for. */
type Contents = Record<Exclude<ArtifactName, 'bill.json' | 'video.mp4'>, string | Buffer>;

/** The files of the package but the bill. */
type Packed = Record<Exclude<ArtifactName, 'bill.json'>, ArtifactRef>;

const BYTES_PER_GB = 1e9;
const PACKED = ARTIFACT_NAMES.filter((name) => name !== 'bill.json');

/**
 * Puts the upload folder together: the video with its captions, picture, texts, licences and bill. Its storage
 * is charged before the bill, so that this equals the ledger, and after all else, so that a store that is away costs nothing.
 */
export function createUploadPreparation(
  tools: Pick<Config['tools'], 'ffmpeg'>,
): StageWork<'upload_preparation'> {
  return async (context) => {
    const contents = await contentsOf(context, tools.ffmpeg);
    for (const [name, content] of Object.entries(contents)) {
      await writeFile(join(context.workDir, name), content);
    }
    const { video } = need(context, 'video_rendering');
    // Copied by reference where the file system can; the store's own file stays as it is.
    const copied = join(context.workDir, 'video.mp4');
    await copyFile(await context.fetch(video), copied, constants.COPYFILE_FICLONE);
    const packed = await publishPacked(context);
    context.progress(0.95, 'paying for the storage');
    await payForStorage(context, bytesOf(packed));
    const bill = join(context.workDir, 'bill.json');
    await writeFile(bill, json(await context.bill()));
    const files = { ...packed, 'bill.json': await context.publish(bill, 'bill.json') };
    return { result: { files }, usage: [], providers: { publisher: 'folder' } };
  };
}

async function contentsOf(context: StageContext, ffmpeg: string): Promise<Contents> {
  const { order } = context;
  const script = need(context, 'script_generation');
  const audio = need(context, 'audio_synthesis');
  const media = shownMedia(need(context, 'media_collection'), audio);
  const render = need(context, 'video_rendering');
  const cues = cuesOf(audio.sentences, audio.durationMs, LINE_CHARS[order.aspect]);
  const photo = await sharpestFrame(context, ffmpeg, media, THUMBNAIL);
  const thumbnail = await drawThumbnail(script, photo);
  context.signal.throwIfAborted();
  context.progress(0.3, 'writing captions and texts');
  const bill = await context.bill();
  return {
    'captions.srt': srtFile(cues),
    'captions.vtt': vttFile(cues),
    'thumbnail.jpg': thumbnail,
    'metadata.json': json(metadataOf({ order, script, audio, media, render, bill })),
    'licences.json': json(licencesOf(script, media, audio)),
  };
}

/** Our own disk answers nothing that could be stored: each package is paid. */
async function payForStorage({ pay }: StageContext, bytes: number): Promise<void> {
  const usage = storageUsage(bytes);
  await pay({
    kind: 'storage',
    inputs: bytes,
    most: [usage],
    shared: 'video',
    send: async () => ({ usage: [usage], answer: null, keep: false }),
  });
}

function storageUsage(bytes: number): Usage {
  return {
    service: 'storage',
    operation: 'upload_package',
    provider: 'local',
    model: 'disk',
    quantity: bytes / BYTES_PER_GB,
    unit: 'gb_month',
  };
}

function bytesOf(packed: Packed): number {
  return Object.values(packed).reduce((sum, { bytes }) => sum + bytes, 0);
}

async function publishPacked(context: StageContext): Promise<Packed> {
  const files: Partial<Packed> = {};
  for (const [i, name] of PACKED.entries()) {
    context.progress(0.6 + (0.35 * i) / PACKED.length, name);
    files[name] = await context.publish(join(context.workDir, name), name);
  }
  return files as Packed;
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
