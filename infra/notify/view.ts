import { videoNotificationId, type WEBHOOK_STATES } from '../../domain/notifications.ts';
import { isFinal, type VideoStatus } from '../../domain/video.ts';
import type { Db } from '../stores/postgres.ts';

/** The webhook of a video as its status shows it; where it goes to is not shown. */
export interface WebhookView {
  /** `waiting` until the video has its end. */
  state: (typeof WEBHOOK_STATES)[number];
  tries: number;
  /** Why the last try failed. */
  last_error: string | null;
}

/** That of the video's generation; null for an ended video whose record was forgotten (RETENTION_DAYS). */
export async function viewWebhook(
  db: Db,
  { id, generation, status }: { id: string; generation: number; status: VideoStatus },
): Promise<WebhookView | null> {
  const { rows } = await db.query<WebhookView>(
    'SELECT state, tries, last_error FROM notifications WHERE id = $1',
    [videoNotificationId(id, generation)],
  );
  return rows[0] ?? (isFinal(status) ? null : { state: 'waiting', tries: 0, last_error: null });
}
