/** Where the reader is. A new page gets its kind here, its path in `routeOf`, its view in shell.tsx, and its path in api/openapi/page-routes.ts. */
export type Route =
  | { kind: 'overview' }
  | { kind: 'order' }
  | { kind: 'video'; id: string }
  | { kind: 'unknown' };

const VIDEO = /^\/videos\/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/i;

export function routeOf(path: string): Route {
  if (path === '/') return { kind: 'overview' };
  if (path === '/order') return { kind: 'order' };
  const id = VIDEO.exec(path)?.[1];
  return id === undefined ? { kind: 'unknown' } : { kind: 'video', id: id.toLowerCase() };
}
