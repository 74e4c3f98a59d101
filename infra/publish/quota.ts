import { QUOTA_ZONE, UNITS, type UnitCall } from '../../domain/publishing.ts';
import type { Deps } from '../deps.ts';
import { type Db, inTransaction, lockKey } from '../stores/postgres.ts';

const LEAST_WAIT_MS = 1_000;

type Parts = Pick<Deps, 'pool' | 'config'>;

/** The day of the allowance that a moment is in, and the moment at which the day `n` days after it begins. */
const DAY = `($NOW AT TIME ZONE '${QUOTA_ZONE}')::date`;
const beginOf = (day: string) => `((${day})::timestamp AT TIME ZONE '${QUOTA_ZONE}')`;

/** Uploads that today's allowance does not give any more. */
const USED = `coalesce((SELECT CASE WHEN exhausted THEN greatest(used, $LIMIT) ELSE used END FROM youtube_quota
        WHERE day = ${DAY} AND bucket = 'uploads'), 0)`;

/**
 * When a waiting publication `p` may be uploaded: now while today's allowance covers it and all that were ready before
 * it, else at the midnight that begins its day; never before its account takes videos again. `$NOW` is the moment,
 * `$LIMIT` the uploads of a day.
 */
const AT = `(
  SELECT greatest(c.closed_until, $NOW,
    CASE WHEN t.before >= $LIMIT THEN ${beginOf(`${DAY} + t.before / $LIMIT`)} END)
  FROM (SELECT
      ${USED}
      + (SELECT count(*) FROM publications o LEFT JOIN youtube_channels oc USING (channel_id)
        WHERE o.state = 'waiting' AND o.session IS NULL AND (o.ready_at, o.video_id) < (p.ready_at, p.video_id)
          AND (oc.closed_until IS NULL OR oc.closed_until <= $NOW))::int AS before) AS t
    LEFT JOIN youtube_channels c ON c.channel_id = p.channel_id)`;

/** SQL of the moment at which a publication `p` goes, with its two parameters. */
export function turnSql(now: string, limit: string): string {
  return withParameters(AT, now, limit);
}

/** SQL of the uploads that are left of the allowance of the day of `now`, with its two parameters. */
export function uploadsLeftSql(now: string, limit: string): string {
  return withParameters(`greatest(0, $LIMIT - ${USED})`, now, limit);
}

function withParameters(sql: string, now: string, limit: string): string {
  return sql.replaceAll('$NOW', `${now}::timestamptz`).replaceAll('$LIMIT', `${limit}::int`);
}

/** Milliseconds until it is this video's turn, one second at least. */
export async function turnIn({ pool, config }: Parts, videoId: string, now = new Date()): Promise<number> {
  const { rows } = await pool.query<{ at: Date }>(
    `SELECT ${turnSql('$2', '$3')} AS at FROM publications p WHERE video_id = $1`,
    [videoId, now, config.youtube.uploadsPerDay],
  );
  return Math.max(LEAST_WAIT_MS, (rows[0]?.at.getTime() ?? 0) - now.getTime());
}

/** Takes one upload of today's allowance, if it is this video's turn. `now` is a test's clock. */
export function takeUpload(parts: Parts, videoId: string, now = new Date()): Promise<boolean> {
  return withQuota(parts, async (tx) => {
    const { rows } = await tx.query<{ at: Date }>(
      `SELECT ${turnSql('$2', '$3')} AS at FROM publications p WHERE video_id = $1`,
      [videoId, now, parts.config.youtube.uploadsPerDay],
    );
    const waitMs = (rows[0]?.at.getTime() ?? Number.POSITIVE_INFINITY) - now.getTime();
    if (waitMs > 0) return false;
    await use(tx, 'uploads', 1, now);
    await tx.query(
      `UPDATE publications SET state = 'uploading', uploading_at = coalesce(uploading_at, clock_timestamp())
       WHERE video_id = $1 AND state = 'waiting'`,
      [videoId],
    );
    return true;
  });
}

/**
 * Takes the units of a call; false when too few are left today. Captions leave what the thumbnails of all videos that
 * are on their way will need, and statistics what their captions need too.
 */
export function takeUnits(parts: Parts, call: UnitCall, now = new Date()): Promise<boolean> {
  return withQuota(parts, async (tx) => {
    const { rows } = await tx.query<UnitsRow>(
      `SELECT coalesce(q.used, 0) AS used, coalesce(q.exhausted, false) AS exhausted, o.*
       FROM (SELECT count(*) FILTER (WHERE thumbnail_at IS NULL AND NOT missing ? 'thumbnail') AS thumbnails,
           count(*) FILTER (WHERE captions_at IS NULL AND NOT missing ? 'captions') AS captions
         FROM publications WHERE state IN ('waiting', 'uploading')) AS o
         LEFT JOIN youtube_quota q ON q.bucket = 'units' AND q.day = ${DAY.replace('$NOW', '$1::timestamptz')}`,
      [now],
    );
    const row = rows[0];
    if (!row) throw new Error('the allowance has no row');
    if (row.exhausted || row.used + UNITS[call] + keptFrom(call, row) > parts.config.youtube.unitsPerDay) {
      return false;
    }
    await use(tx, 'units', UNITS[call], now);
    return true;
  });
}

interface UnitsRow {
  used: number;
  exhausted: boolean;
  /** Of videos that are on their way, to come. */
  thumbnails: number;
  captions: number;
}

/** Units that a call leaves to those that matter more. */
function keptFrom(call: UnitCall, { thumbnails, captions }: UnitsRow): number {
  if (call === 'thumbnails.set') return 0;
  const forThumbnails = thumbnails * UNITS['thumbnails.set'];
  return call === 'captions.insert' ? forThumbnails : forThumbnails + captions * UNITS['captions.insert'];
}

/** What of the units of today's allowance is used. */
export interface Units {
  used: number;
  limit: number;
  /** YouTube itself has said that they are used up. */
  exhausted: boolean;
  /** ISO 8601, when the next day of the allowance begins. */
  resets_at: string;
}

export async function readUnits({ pool, config }: Parts, now = new Date()): Promise<Units> {
  const { rows } = await pool.query<{ used: number; exhausted: boolean; resets_at: Date }>(
    `SELECT coalesce(q.used, 0) AS used, coalesce(q.exhausted, false) AS exhausted, d.resets_at
     FROM (SELECT ${DAY} AS day, ${beginOf(`${DAY} + 1`)} AS resets_at) AS d
       LEFT JOIN youtube_quota q ON q.bucket = 'units' AND q.day = d.day`.replaceAll(
      '$NOW',
      '$1::timestamptz',
    ),
    [now],
  );
  const row = rows[0];
  if (!row) throw new Error('the allowance has no row');
  return { ...row, limit: config.youtube.unitsPerDay, resets_at: row.resets_at.toISOString() };
}

/** YouTube says that the day's allowance is used up, whatever was counted here. */
export async function closeDay(db: Db, bucket: 'uploads' | 'units', now = new Date()): Promise<void> {
  await db.query(
    `INSERT INTO youtube_quota (day, bucket, exhausted) VALUES (${DAY.replace('$NOW', '$2::timestamptz')}, $1, true)
     ON CONFLICT (day, bucket) DO UPDATE SET exhausted = true`,
    [bucket, now],
  );
}

/** The account takes no more videos before the next midnight. */
export async function closeChannel(db: Db, channelId: string, now = new Date()): Promise<void> {
  await db.query(
    `UPDATE youtube_channels SET closed_until = ${beginOf(`${DAY} + 1`).replaceAll('$NOW', '$2::timestamptz')}
     WHERE channel_id = $1`,
    [channelId, now],
  );
}

async function use(tx: Db, bucket: 'uploads' | 'units', cost: number, now: Date): Promise<void> {
  await tx.query(
    `INSERT INTO youtube_quota AS q (day, bucket, used)
     VALUES (${DAY.replace('$NOW', '$3::timestamptz')}, $1, $2)
     ON CONFLICT (day, bucket) DO UPDATE SET used = q.used + excluded.used`,
    [bucket, cost, now],
  );
}

/** The lock is a statement of its own: what follows must see what the one before has taken. */
function withQuota<T>({ pool, config }: Parts, work: (tx: Db) => Promise<T>): Promise<T> {
  return inTransaction(pool, async (tx) => {
    await tx.query(`SELECT pg_advisory_xact_lock(${lockKey(config.schema, 'youtube-quota')})`);
    return work(tx);
  });
}
