import { findFfmpeg } from './ffmpeg.mjs';
import { findPostgres } from './postgres.mjs';
import { findRedis } from './redis.mjs';
import { findTemporal } from './temporal.mjs';
import { findVoice } from './voice.mjs';

/**
 * Finds or fetches every program that the stack and the stages run, all at once, and answers with the
 * environment that names them. Throws a SetupError about the first that can't be had.
 */
export async function findTools() {
  const found = await Promise.all([findPostgres(), findRedis(), findTemporal(), findFfmpeg(), findVoice()]);
  return Object.assign({}, ...found);
}
