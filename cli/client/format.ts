import { formatDollars, parseDollars } from '../../domain/money.ts';

/** Dollars of an answer as they are shown: 0.25 → "$0.25". */
export function formatAmount(amount: number): string {
  return formatDollars(parseDollars(amount));
}

/** 75_300 → "1:15". */
export function formatElapsed(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}

const UNITS: [string, number][] = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1_000],
];

/** 7_300_000 → "2 h": the largest unit that fits. */
export function formatAge(ms: number): string {
  const [unit, unitMs] = UNITS.find(([, each]) => ms >= each) ?? ['s', 1_000];
  return `${Math.max(0, Math.floor(ms / unitMs))} ${unit}`;
}

/** A time as the clock here shows it, to the second. */
export function formatTime(iso: string): string {
  return new Date(iso).toLocaleString('sv-SE');
}

/** 1_234_567 → "1.2 MB". */
export function formatBytes(bytes: number): string {
  if (bytes < 1_000_000) return `${Math.ceil(bytes / 1_000)} kB`;
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}

/** Signs that move the cursor, break the line or turn its direction. */
const UNSAFE = '\\p{Cc}\\p{Zl}\\p{Zp}\\p{Cs}\u200e\u200f\u202a-\u202e\u2066-\u2069';
const UNSAFE_RUN = new RegExp(`[${UNSAFE}][${UNSAFE} ]*`, 'gu');
const UNSAFE_IN_JSON = /[\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** One line of plain text: what a server sent must not move the cursor or break the line. */
export function oneLine(text: string): string {
  return text.replace(UNSAFE_RUN, ' ').trim();
}

/** A value as one line of JSON that is safe on a terminal too: what JSON leaves as it is becomes an escape of JSON. */
export function jsonLine(value: unknown): string {
  const escaped = (sign: string) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return `${JSON.stringify(value).replace(UNSAFE_IN_JSON, escaped)}\n`;
}
