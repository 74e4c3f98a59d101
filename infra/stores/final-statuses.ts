import { FINAL_STATUSES } from '../../domain/video.ts';

/** Statuses of videos that have their end, as SQL writes a list: `status IN ${FINAL}`. */
export const FINAL = `(${FINAL_STATUSES.map((status) => `'${status}'`).join(', ')})`;
