import type { VideoStatus } from '../../../domain/video.ts';
import type { VideoRow } from '../video-row.ts';

/** Which of the known videos are listed. `now` is what is open, and what has ended lately. */
export interface Filter {
  status: 'now' | VideoStatus;
  /** Empty for all. */
  channel: string;
  text: string;
}

const RANK: Record<VideoStatus, number> = { processing: 0, queued: 1, completed: 2, failed: 2, cancelled: 2 };

/** The rows that the filter takes: in production, then waiting by position, then ended ones, newest first. */
export function chooseRows(rows: readonly VideoRow[], { status, channel, text }: Filter): VideoRow[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const fits = (row: VideoRow) =>
    (status === 'now' || row.status === status) &&
    (channel === '' || row.channel_id === channel) &&
    words.every((word) => textOf(row).includes(word));
  return rows.filter(fits).sort(byTurn);
}

function textOf({ subject, channel_id, user_id, video_id, reason }: VideoRow): string {
  return `${subject}\n${channel_id}\n${user_id}\n${video_id}\n${reason ?? ''}`.toLowerCase();
}

function byTurn(a: VideoRow, b: VideoRow): number {
  return RANK[a.status] - RANK[b.status] || turnOf(a) - turnOf(b) || (a.video_id < b.video_id ? -1 : 1);
}

function turnOf(row: VideoRow): number {
  if (row.status === 'queued') return row.position ?? Number.MAX_SAFE_INTEGER;
  if (row.status === 'processing') return Date.parse(row.started_at ?? row.created_at);
  return -Date.parse(row.completed_at ?? row.created_at);
}

export function channelsOf(rows: readonly VideoRow[]): string[] {
  return [...new Set(rows.map(({ channel_id }) => channel_id))].sort();
}
