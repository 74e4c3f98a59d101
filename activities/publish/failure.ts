import { ApplicationFailure } from '@temporalio/activity';
import { ERROR_KINDS } from '../../domain/errors.ts';
import { noteFailure } from '../../infra/publish/publications.ts';
import { YouTubeError } from '../../infra/publish/youtube-error.ts';
import { classifyError } from '../classify-error.ts';
import type { PublishContext } from './activities.ts';

const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 300_000;

/** A publication that cannot go on by itself. `reason` is what its row will say. */
export class PublishError extends Error {
  override name = 'PublishError';
  readonly reason: string;

  constructor(reason: string, message: string) {
    super(message);
    this.reason = reason;
  }
}

/**
 * The failure that Temporal is told: final for what only an operator can mend, else with a wait that doubles with
 * each failure since the last byte that arrived.
 */
export async function publishFailure(context: PublishContext, thrown: unknown): Promise<ApplicationFailure> {
  const { deps, videoId } = context;
  const { type, message, final } = meaningOf(thrown);
  deps.log.warn({ err: thrown, video_id: videoId, type }, 'a step of a publication has failed');
  if (final) return ApplicationFailure.create({ type, message, nonRetryable: true });
  // Postgres may be what is away.
  const failures = await noteFailure(deps.pool, videoId, message).catch(() => context.attempt);
  const waitMs = Math.min(FIRST_WAIT_MS * 2 ** (failures - 1), LONGEST_WAIT_MS);
  const nextRetryDelay = Math.max(1, waitMs * deps.config.times.retryScale);
  return ApplicationFailure.create({ type, message, nextRetryDelay });
}

function meaningOf(thrown: unknown): { type: string; message: string; final: boolean } {
  if (thrown instanceof PublishError) return { type: thrown.reason, message: thrown.message, final: true };
  if (thrown instanceof YouTubeError) {
    return { type: thrown.fault, message: thrown.message, final: thrown.fault !== 'unreachable' };
  }
  const { kind, message } = classifyError(thrown);
  return { type: kind, message, final: ERROR_KINDS[kind].retry === 'never' };
}
