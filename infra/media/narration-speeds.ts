import type { Order } from '../../domain/video.ts';
import type { Config } from '../settings/config.ts';
import type { Db } from '../stores/postgres.ts';

/** The mean of so many narrations is a voice's speed. */
const LATEST = 20;

export interface NarrationSpeed {
  wordsPerSecond: number;
  /** Measured on an earlier narration of this very video. */
  own: boolean;
}

/** A video, and the voice and language that it is spoken in. */
export interface Speaker {
  videoId: string;
  voice: string;
  language: string;
}

/** Who speaks an order here, before anybody has: by the configuration and the order's own wish. */
export function speakerOf(
  { speech, ttsCommand }: Pick<Config['providers'], 'speech' | 'ttsCommand'>,
  videoId: string,
  { voice, language }: Pick<Order, 'voice' | 'language'>,
): Speaker {
  const engine = speech ? speech.model : ttsCommand === null ? 'local' : 'command';
  return { videoId, voice: `${engine} ${voice ?? speech?.voice ?? 'usual'}`, language };
}

/** The speed that this video's narration was measured at, else the mean of its voice's latest; null without any. */
export async function readSpeed(
  db: Db,
  { videoId, voice, language }: Speaker,
): Promise<NarrationSpeed | null> {
  const { rows } = await db.query<{ speed: number | null; own: number | null }>(
    `SELECT sum(words) / sum(seconds) AS speed,
       max(words / seconds) FILTER (WHERE video_id = $1) AS own
     FROM (SELECT * FROM narration_speeds WHERE voice = $2 AND language = $3
           ORDER BY (video_id = $1) DESC, measured_at DESC LIMIT ${LATEST}) latest`,
    [videoId, voice, language],
  );
  const { speed = null, own = null } = rows[0] ?? {};
  return speed === null ? null : { wordsPerSecond: own ?? speed, own: own !== null };
}

/** Keeps what a narration was measured at, as the newest of its voice. */
export async function noteSpeed(
  db: Db,
  { videoId, voice, language }: Speaker,
  { words, seconds }: { words: number; seconds: number },
): Promise<void> {
  await db.query(
    `INSERT INTO narration_speeds (video_id, voice, language, words, seconds) VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT (video_id) DO UPDATE SET voice = excluded.voice, language = excluded.language, words = excluded.words,
       seconds = excluded.seconds, measured_at = clock_timestamp()`,
    [videoId, voice, language, words, seconds],
  );
}
