import { findFfmpeg } from './ffmpeg.mjs';
import { findPostgres } from './postgres.mjs';
import { findRedis } from './redis.mjs';
import { say } from './report.mjs';
import { findTemporal } from './temporal.mjs';
import { findVoice } from './voice.mjs';

const FINDERS = [findPostgres, findRedis, findTemporal, findFfmpeg, findVoice];

/**
 * Finds or fetches every program that the stack and the stages run, all at once, and answers with the
 * environment that names them. Throws a SetupError about the first that can't be had.
 */
export async function findTools() {
  return Object.assign({}, ...(await Promise.all(FINDERS.map((find) => find()))));
}

/** The same for the doctor, who goes on without those that can't be had: each is told in a line. */
export async function findToolsThatAreThere() {
  const found = FINDERS.map((find) =>
    find().catch((error) => {
      say(`  set-up: ${error.message}`);
      return {};
    }),
  );
  return Object.assign({}, ...(await Promise.all(found)));
}
