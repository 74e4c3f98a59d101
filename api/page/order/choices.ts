import { signal } from '@preact/signals';
import type { Catalogue } from '../answers.ts';
import { call } from '../api.ts';

/** Names that an order may give here. */
export const choices = signal<Catalogue>({ voices: [], music: [] });

/** Without an answer the order is made with what is usual. */
export async function readChoices(): Promise<void> {
  choices.value = await call<Catalogue>('/catalogue').catch(() => choices.peek());
}
