import { type PublicationState, publishIdOf } from '../../domain/publishing.ts';
import type { Deps } from '../deps.ts';
import { howToConnect } from '../publish/account.ts';
import { connectedAmong } from '../publish/channels.ts';
import { packageOf } from '../publish/publications.ts';
import { startPublication } from '../publish/start.ts';
import type { Db } from '../stores/postgres.ts';
import { audit } from './audit.ts';
import { MoveError, moveVideo } from './move.ts';

interface PublishRequest {
  /** When YouTube makes it public; without it what was said before stays. */
  publish_at?: string | undefined;
  /** An upload of which nobody knows whether it has arrived is made anew all the same. */
  upload_again?: boolean | undefined;
}

interface Row {
  channel_id: string;
  state: PublicationState | null;
  reason: string | null;
}

/** The end of a workflow that has written its row already is waited for so long. */
const CLOSING_MS = 5_000;

/**
 * Sends a completed video to YouTube, or again when that has failed or was cancelled; an upload that was begun goes on in
 * its session. One that is on its way stays as it is. Throws a MoveError: `not_completed`, `already_published`,
 * `doubtful`, `not_connected`, `expired`.
 */
export async function publishVideo(
  deps: Deps,
  videoId: string,
  who: string,
  request: PublishRequest,
): Promise<void> {
  await untilClosed(deps, videoId);
  const begun = await moveVideo(deps, videoId, async (tx, { status }) => {
    if (status !== 'completed')
      throw new MoveError('not_completed', `the video is ${status}: only a completed one can be published`);
    const row = await readRow(tx, videoId);
    if (row.state === 'waiting' || row.state === 'uploading') return false;
    await assertPublishable(tx, videoId, row, request);
    await (row.state === null ? insert(tx, videoId, request) : begin(tx, videoId, request));
    await audit(tx, who, 'publish', videoId, { ...request });
    return true;
  });
  if (begun)
    await startPublication(deps, videoId).catch((error: unknown) => waitForReconcile(deps, videoId, error));
}

async function readRow(tx: Db, videoId: string): Promise<Row> {
  const { rows } = await tx.query<Row>(
    `SELECT q.channel_id, p.state, p.reason FROM video_queue q LEFT JOIN publications p ON p.video_id = q.id
     WHERE q.id = $1`,
    [videoId],
  );
  if (!rows[0]) throw new MoveError('not_found', `there is no video ${videoId}`);
  return rows[0];
}

async function assertPublishable(
  tx: Db,
  videoId: string,
  { channel_id, state, reason }: Row,
  { upload_again }: PublishRequest,
): Promise<void> {
  if (state === 'published') throw new MoveError('already_published', 'the video is at YouTube already');
  if (reason === 'doubtful' && !upload_again) {
    const mend = 'look there, and send {"upload_again": true} if it is not';
    throw new MoveError('doubtful', `the video may be at YouTube already: ${mend}`);
  }
  if (!(await connectedAmong(tx, [channel_id])).has(channel_id)) {
    const what = `no account is connected for the channel "${channel_id}"`;
    throw new MoveError('not_connected', `${what}: ${howToConnect(channel_id)}`);
  }
  if ((await packageOf(tx, videoId)) === null)
    throw new MoveError('expired', 'the files of the video were removed as too old');
}

async function insert(tx: Db, videoId: string, { publish_at }: PublishRequest): Promise<void> {
  await tx.query(
    `INSERT INTO publications (video_id, channel_id, publish_at, ready_at)
     SELECT id, channel_id, coalesce($2, (request_data->>'publish_at')::timestamptz), clock_timestamp()
     FROM video_queue WHERE id = $1`,
    [videoId, publish_at ?? null],
  );
}

/**
 * Nobody has looked at it since, which lets its workflow be started once more. A session that is not to be doubted is
 * gone on with, unless its texts name another time.
 */
async function begin(tx: Db, videoId: string, { publish_at, upload_again }: PublishRequest): Promise<void> {
  await tx.query(
    `UPDATE publications SET state = 'waiting', reason = NULL, message = NULL, failures = 0, ended_at = NULL,
       looked_at = NULL, ready_at = clock_timestamp(), publish_at = coalesce($2, publish_at),
       session = CASE WHEN anew THEN NULL ELSE session END,
       sent_bytes = CASE WHEN anew THEN 0 ELSE sent_bytes END,
       last_part_sent = last_part_sent AND NOT anew
     FROM (SELECT reason = 'doubtful' AND $3 OR $2::timestamptz IS NOT NULL AND NOT last_part_sent AS anew
           FROM publications WHERE video_id = $1) asked
     WHERE video_id = $1`,
    [videoId, publish_at ?? null, upload_again ?? false],
  );
}

/** The workflow writes its end before it closes; a start in between would find it running. */
async function untilClosed({ pool, temporal }: Deps, videoId: string): Promise<void> {
  const { rowCount } = await pool.query(
    "SELECT 1 FROM publications WHERE video_id = $1 AND state IN ('failed', 'cancelled')",
    [videoId],
  );
  if (rowCount === 0) return;
  // How it has ended stands in the row; one that is unknown, or away, is closed enough.
  await temporal
    .withDeadline(Date.now() + CLOSING_MS, () => temporal.workflow.getHandle(publishIdOf(videoId)).result())
    .catch(() => undefined);
}

/** The row says that it is to go: reconcile starts what could not be started. */
function waitForReconcile({ log }: Deps, videoId: string, error: unknown): void {
  log.warn({ err: error, video_id: videoId }, 'its publication was not started, reconcile will');
}
