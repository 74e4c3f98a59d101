import type { VideoStatus } from '../../domain/video.ts';
import type { Terminal } from './terminal.ts';

/** What a colour says. */
export type Tone = 'good' | 'bad' | 'busy' | 'warning' | 'quiet' | 'plain';

const CODES: Record<Tone, number> = { good: 32, bad: 31, busy: 36, warning: 33, quiet: 2, plain: 0 };

/** The text in the colour of its tone, where the terminal shows colours. */
export function paint(terminal: Pick<Terminal, 'colours'>, tone: Tone, text: string): string {
  return tone === 'plain' || !terminal.colours() ? text : `\u001b[${CODES[tone]}m${text}\u001b[0m`;
}

export const STATUS_TONES: Record<VideoStatus, Tone> = {
  queued: 'plain',
  processing: 'busy',
  completed: 'good',
  failed: 'bad',
  cancelled: 'warning',
};
