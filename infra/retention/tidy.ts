import type { Deps } from '../deps.ts';
import { inTransaction, lockKey } from '../stores/postgres.ts';
import { purgeDeleted } from './deleted-videos.ts';
import { forgetRecords } from './records.ts';
import { expireSharedFiles } from './shared-files.ts';
import { expireVideos } from './videos.ts';

/** What one pass removed. */
export interface TidyReport {
  videos: number;
  /** Deletions that were left half done, or are looked after once more. */
  deletions: number;
  sharedFiles: number;
  orderRequests: number;
  /** Attempts, errors, notifications, statistics, audited moves. */
  records: number;
  /** Stored answers of searches. */
  answers: number;
  parts: number;
}

/** So long an Idempotency-Key has the same answer. */
const REQUEST_DAYS = 7;

/**
 * One pass of removal of what is too old; null when another process is at it. It is bounded, so a long backlog takes
 * several. Throws when Postgres or the store is away; the next pass goes on.
 */
export function tidy(deps: Deps): Promise<TidyReport | null> {
  return inTransaction(deps.pool, async (tx) => {
    const { rows } = await tx.query<{ mine: boolean }>(
      `SELECT pg_try_advisory_xact_lock(${lockKey(deps.config.schema, 'tidy')}) AS mine`,
    );
    return rows[0]?.mine ? removeOld(deps) : null;
  });
}

async function removeOld(deps: Deps): Promise<TidyReport> {
  const days = deps.config.artifactDays;
  const report = {
    videos: days > 0 ? await expireVideos(deps, days) : 0,
    deletions: await purgeDeleted(deps),
    sharedFiles: days > 0 ? await expireSharedFiles(deps, days) : 0,
    answers: days > 0 ? await forgetAnswers(deps, days) : 0,
    orderRequests: await forgetRequests(deps),
    records: await forgetRecords(deps),
    parts: await deps.artifacts.removeParts(),
  };
  if (Object.values(report).some((count) => count > 0)) deps.log.info(report, 'removed what is too old');
  return report;
}

/** Those of one video go with its results, those that are files with their file. */
async function forgetAnswers({ pool }: Deps, days: number): Promise<number> {
  const { rowCount } = await pool.query(
    `DELETE FROM paid_answers WHERE video_id IS NULL AND artifact_key IS NULL
       AND used_at < clock_timestamp() - $1 * interval '1 day'`,
    [days],
  );
  return rowCount ?? 0;
}

async function forgetRequests({ pool }: Deps): Promise<number> {
  const { rowCount } = await pool.query(
    `DELETE FROM order_requests WHERE created_at < clock_timestamp() - $1 * interval '1 day'`,
    [REQUEST_DAYS],
  );
  return rowCount ?? 0;
}
