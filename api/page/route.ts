import { signal } from '@preact/signals';
import { type Route, routeOf } from './route-of.ts';

export const route = signal<Route>({ kind: 'unknown' });

/** Follows the address: the browser's back and forward, and plain clicks on links to this page. */
export function watchRoute(): void {
  const read = () => {
    route.value = routeOf(location.pathname);
  };
  addEventListener('popstate', read);
  document.addEventListener('click', followLink);
  read();
}

/** Goes to a path of this page without loading it again. */
export function goTo(path: string): void {
  history.pushState(null, '', path);
  route.value = routeOf(path);
  scrollTo(0, 0);
}

/** Modified clicks, downloads and other targets stay the browser's. */
function followLink(event: MouseEvent): void {
  const link = (event.target as Element).closest?.('a');
  const plain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
  if (!link || !plain || event.defaultPrevented || link.target || link.hasAttribute('download')) return;
  if (link.origin !== location.origin || routeOf(link.pathname).kind === 'unknown') return;
  event.preventDefault();
  goTo(link.pathname);
}
