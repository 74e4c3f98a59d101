import type { Context, Handler } from 'hono';
import { BucketError } from '../../infra/artifacts/s3/bucket-error.ts';
import { MediaTooLarge, receiveMedia } from '../../infra/media/receive.ts';
import { MediaRefused } from '../../infra/media/refused.ts';
import type { ApiDeps } from '../app.ts';
import { ProblemError } from '../errors.ts';
import { storeAway } from './artifacts.ts';

/** POST /media: keeps a clip or image that orders may name. */
export function mediaRoute(deps: ApiDeps): Handler {
  return async (context) => {
    await requireRoom(deps);
    const { id, kind, width, height, durationMs } = await receive(deps, context);
    return context.json({ media_id: id, kind, width, height, duration_ms: durationMs }, 201);
  };
}

/** Admission of videos stops at the same mark. */
async function requireRoom({ artifacts, config }: ApiDeps): Promise<void> {
  if ((await artifacts.freeBytes()) >= config.minFreeDiskBytes) return;
  throw new ProblemError(503, 'disk_low', 'The disk of the files is nearly full (MIN_FREE_DISK_MB).', {
    headers: { 'retry-after': '60' },
  });
}

async function receive(deps: ApiDeps, context: Context) {
  const { body } = context.req.raw;
  if (!body) throw invalidMedia('is empty');
  try {
    return await receiveMedia(deps, body);
  } catch (error) {
    if (error instanceof MediaRefused) throw invalidMedia(error.message);
    if (error instanceof MediaTooLarge) {
      throw new ProblemError(413, 'body_too_large', `${capital(error.message)}.`, {
        headers: { connection: 'close' },
      });
    }
    if (!(error instanceof BucketError)) throw error;
    deps.log.error({ err: error }, 'the bucket did not take a file');
    throw storeAway();
  }
}

function invalidMedia(fault: string): ProblemError {
  return new ProblemError(422, 'invalid_media', `The file ${fault}.`);
}

function capital(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;
}
