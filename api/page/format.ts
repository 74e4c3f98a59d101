import { formatDollars, type Micros, parseDollars } from '../../domain/money.ts';
import type { StageName } from '../../domain/stages.ts';

/** "$0.40" from the dollars of an answer; less than a cent with as many digits as it takes. */
export function money(dollars: number): string {
  return formatDollars(microsOf(dollars));
}

/** The same to the cent, where a look is enough; of less than a cent four digits. */
export function cents(dollars: number): string {
  const parts = dollars < 0.01 ? 10_000 : 100;
  return money(Math.round(dollars * parts) / parts);
}

/** Answers have at most six decimals. */
export function microsOf(dollars: number): Micros {
  return parseDollars(dollars.toFixed(6));
}

/** "45 s", "3 min 20 s", "2 h 5 min", "3 d 4 h". Never negative. */
export function duration(ms: number): string {
  const s = Math.max(0, Math.round(ms / 1000));
  if (s < 60) return `${s} s`;
  if (s < 3600) return twoUnits(s, 60, 'min', 's');
  if (s < 86_400) return twoUnits(Math.floor(s / 60), 60, 'h', 'min');
  return twoUnits(Math.floor(s / 3600), 24, 'd', 'h');
}

function twoUnits(amount: number, size: number, large: string, small: string): string {
  const rest = amount % size;
  return `${Math.floor(amount / size)} ${large}${rest ? ` ${rest} ${small}` : ''}`;
}

const two = (value: number) => String(value).padStart(2, '0');

/** Local "14:05:09" of an ISO time or epoch ms. */
export function clock(time: string | number): string {
  const at = new Date(time);
  return `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
}

/** Local "2026-05-01 14:05". */
export function dayAndTime(time: string): string {
  const at = new Date(time);
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  return `${day} ${two(at.getHours())}:${two(at.getMinutes())}`;
}

/** "today 14:05", or with the day where it is another one. */
export function shortTime(time: string, nowMs: number): string {
  const text = dayAndTime(time);
  return new Date(time).toDateString() === new Date(nowMs).toDateString() ? text.slice(11) : text;
}

/** "12.3 MB". */
export function bytes(count: number): string {
  if (count < 1000) return `${count} B`;
  const units = ['kB', 'MB', 'GB', 'TB'];
  let value = count / 1000;
  let unit = 0;
  while (value >= 999.95 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${value.toFixed(1)} ${units[unit]}`;
}

/** How a stage is called on the page. */
export const STAGE_LABELS: Record<StageName, string> = {
  script_generation: 'Script',
  audio_synthesis: 'Voice',
  media_collection: 'Media',
  video_rendering: 'Render',
  quality_validation: 'Quality',
  upload_preparation: 'Package',
};
