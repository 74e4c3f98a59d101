import { signal } from '@preact/signals';
import type { Stream } from './stream.ts';

/** The stream that the page in view lives by: it sets it when it opens one, and null when it has none. */
export const currentStream = signal<Stream | null>(null);
