import type { Db } from '../stores/postgres.ts';

/** One operator move, written in the transaction that makes it. `who` is the key's name, or "local". */
export async function audit(
  tx: Db,
  who: string,
  action: string,
  videoId: string | null,
  detail: Record<string, unknown> = {},
): Promise<void> {
  await tx.query('INSERT INTO audit_log (who, action, video_id, detail) VALUES ($1, $2, $3, $4)', [
    who,
    action,
    videoId,
    JSON.stringify(detail),
  ]);
}
