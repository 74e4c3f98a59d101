import { dollars } from '../../domain/money.ts';
import type { StageName } from '../../domain/stages.ts';
import type { ArtifactName, ArtifactRef, FinalStatus } from '../../domain/video.ts';
import type { Hide } from '../settings/hide-secrets.ts';
import { FINAL } from '../stores/final-statuses.ts';
import type { Db } from '../stores/postgres.ts';
import { artifactViews } from '../views/video-files.ts';

/** A video that ended longer ago was not forgotten by an older process. */
const MADE_UP_FOR = `interval '1 day'`;
/** Most ends of one pass. */
const AT_ONCE = 100;

/** Ends that somebody wants to be told of, and that have no notification; the id is `videoNotificationId`. */
const UNTOLD = `
  SELECT q.id AS video_id, q.id || '-' || generation AS notification_id, user_id, channel_id, status, reason, stage,
    result->>'message' AS message, actual_cost AS cost, result->>'title' AS title,
    (result->>'duration_ms')::float8 AS duration_ms, result->'files' AS files, completed_at,
    request_data->>'webhook_url' AS webhook_url
  FROM video_queue q
  WHERE status IN ${FINAL} AND jsonb_exists(request_data, 'webhook_url')
    AND NOT EXISTS (SELECT 1 FROM notifications n WHERE n.id = q.id || '-' || generation)`;

interface UntoldEnd {
  notification_id: string;
  video_id: string;
  user_id: string;
  channel_id: string;
  status: FinalStatus;
  reason: string | null;
  stage: StageName | null;
  message: string | null;
  cost: string;
  title: string | null;
  duration_ms: number | null;
  files: Partial<Record<ArtifactName, ArtifactRef>> | null;
  completed_at: Date;
  webhook_url: string;
}

/**
 * Writes the notification of a video's end, in the transaction of that end, so that neither is without the other.
 * Answers its id, null when nobody is to be told.
 */
export async function noteVideoEnd(tx: Db, videoId: string, hide: Hide): Promise<string | null> {
  const { rows } = await tx.query<UntoldEnd>(`${UNTOLD} AND q.id = $1`, [videoId]);
  for (const end of rows) await insert(tx, end, hide);
  return rows[0]?.notification_id ?? null;
}

/** Writes those of videos that a process without webhooks has settled, as in a rolling deploy. Again is harmless. */
export async function noteForgottenEnds(db: Db, hide: Hide): Promise<void> {
  const { rows } = await db.query<UntoldEnd>(
    `${UNTOLD} AND completed_at > clock_timestamp() - ${MADE_UP_FOR} LIMIT ${AT_ONCE}`,
  );
  for (const end of rows) await insert(db, end, hide);
}

async function insert(
  db: Db,
  { notification_id, webhook_url, files, completed_at, ...end }: UntoldEnd,
  hide: Hide,
): Promise<void> {
  const body = JSON.stringify({
    type: `video.${end.status}`,
    timestamp: completed_at.toISOString(),
    data: {
      ...end,
      cost: dollars(end.cost),
      artifacts: artifactViews(end.video_id, files ?? {}),
      links: { status: `/pipeline/status/${end.video_id}` },
    },
  });
  await db.query(
    'INSERT INTO notifications (id, video_id, url, body) VALUES ($1, $2, $3, $4) ON CONFLICT (id) DO NOTHING',
    [notification_id, end.video_id, webhook_url, hide(body)],
  );
}
