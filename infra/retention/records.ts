import type { Deps } from '../deps.ts';
import type { RetentionConfig } from '../settings/retention-config.ts';
import { FINAL } from '../stores/final-statuses.ts';

/** Most rows of one kind and pass: a statement that deletes more would hold others up. */
const AT_ONCE = 5_000;

const OLD = `clock_timestamp() - $1 * interval '1 day'`;
const OF_OLD_VIDEO = `q.status IN ${FINAL} AND q.completed_at < ${OLD}`;

/** Chooses rows by their place, of which there may be very many. */
function deletion(table: string, chosen: string): string {
  return `DELETE FROM ${table} WHERE ctid = ANY (ARRAY (${chosen} LIMIT ${AT_ONCE}))`;
}

/** What grows with every video, by the days that it is kept for. The ledger is not among it. */
const RECORDS: Record<keyof RetentionConfig, readonly string[]> = {
  recordDays: [
    deletion(
      'stage_runs',
      `SELECT r.ctid FROM stage_runs r JOIN video_queue q ON q.id = r.video_id WHERE ${OF_OLD_VIDEO}`,
    ),
    `UPDATE video_queue SET error_log = '[]' WHERE id IN (
      SELECT id FROM video_queue q WHERE ${OF_OLD_VIDEO} AND error_log <> '[]' LIMIT ${AT_ONCE})`,
    deletion(
      'notifications',
      `SELECT ctid FROM notifications WHERE state <> 'pending' AND ended_at < ${OLD}`,
    ),
  ],
  analyticsDays: [deletion('analytics_data', `SELECT ctid FROM analytics_data WHERE timestamp < ${OLD}`)],
  auditDays: [deletion('audit_log', `SELECT ctid FROM audit_log WHERE at < ${OLD}`)],
};

/**
 * Forgets attempts, errors, notifications, statistics and audited moves that are older than the config wants, never
 * those of an open video. A backlog takes several passes. Returns the number of rows.
 */
export async function forgetRecords({ pool, config }: Pick<Deps, 'pool' | 'config'>): Promise<number> {
  let forgotten = 0;
  for (const [kind, statements] of Object.entries(RECORDS)) {
    const days = config.retention[kind as keyof RetentionConfig];
    if (days === 0) continue;
    for (const statement of statements) forgotten += (await pool.query(statement, [days])).rowCount ?? 0;
  }
  return forgotten;
}
