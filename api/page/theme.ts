import { signal } from '@preact/signals';
import { store } from './store.ts';

type Theme = 'light' | 'dark';
const KEY = 'theme';

/** The chosen theme; null follows the system. index.html has set it before the first paint. */
export const theme = signal<Theme | null>(null);

export function readTheme(): void {
  const { theme: chosen } = document.documentElement.dataset;
  theme.value = chosen === 'light' || chosen === 'dark' ? chosen : null;
}

/** Turns what is seen now round; back to the system's own theme when that is what it asks for. */
export function toggleTheme(): void {
  const system: Theme = matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light';
  const next: Theme = (theme.value ?? system) === 'dark' ? 'light' : 'dark';
  theme.value = next === system ? null : next;
  document.documentElement.dataset['theme'] = theme.value ?? '';
  const chosen = theme.value;
  store((all) => (chosen ? all.setItem(KEY, chosen) : all.removeItem(KEY)));
}
