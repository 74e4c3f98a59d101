import { videoNotificationId } from '../../domain/notifications.ts';
import type { StageName } from '../../domain/stages.ts';
import type { ArtifactName, ArtifactRef, FinalStatus } from '../../domain/video.ts';
import type { Hide } from '../settings/hide-secrets.ts';
import type { Db } from '../stores/postgres.ts';
import { artifactViews } from '../views/video-files.ts';

/** How a video has ended, for whoever ordered it. */
export interface VideoEnd {
  video_id: string;
  generation: number;
  user_id: string;
  channel_id: string;
  status: FinalStatus;
  reason: string | null;
  stage: StageName | null;
  message: string | null;
  /** US dollars. */
  cost: number;
  title: string | null;
  duration_ms: number | null;
  files: Partial<Record<ArtifactName, ArtifactRef>>;
  ended_at: Date;
  webhook_url: string;
}

/**
 * Writes the notification of a video's end, in the transaction of that end, so that neither is without the other.
 * Answers its id; again is harmless.
 */
export async function addVideoEnd(
  tx: Db,
  { generation, files, ended_at, webhook_url, ...end }: VideoEnd,
  hide: Hide,
): Promise<string> {
  const id = videoNotificationId(end.video_id, generation);
  const body = JSON.stringify({
    type: `video.${end.status}`,
    timestamp: ended_at.toISOString(),
    data: {
      ...end,
      artifacts: artifactViews(end.video_id, files),
      links: { status: `/pipeline/status/${end.video_id}` },
    },
  });
  await tx.query(
    'INSERT INTO notifications (id, video_id, url, body) VALUES ($1, $2, $3, $4) ON CONFLICT (id) DO NOTHING',
    [id, end.video_id, webhook_url, hide(body)],
  );
  return id;
}
