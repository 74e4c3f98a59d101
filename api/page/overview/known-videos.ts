import { VideoStore } from '../videos.ts';

/** The open videos, and the ended ones that were read or have ended since. */
export const videos = new VideoStore();
