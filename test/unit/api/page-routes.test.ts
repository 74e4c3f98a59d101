import { expect, test } from 'vitest';
import { PAGE_ROUTES } from '../../../api/openapi/page-routes.ts';
import { routeOf } from '../../../api/page/route-of.ts';
import { VIDEO_ID } from '../page/samples.ts';

test.each([
  ['/', 'overview'],
  ['/order', 'order'],
  [`/videos/${VIDEO_ID.toUpperCase()}`, 'video'],
  ['/videos/x', 'unknown'],
  ['/docs', 'unknown'],
])('%s is the view %s', (path, kind) => {
  expect(routeOf(path).kind).toBe(kind);
});

test('every address that the API serves the page at has a view', () => {
  const addresses = Object.values(PAGE_ROUTES)
    .map(({ path }) => path)
    .filter((path) => path !== '/page/:file');
  for (const path of addresses) expect(routeOf(path.replace(':video', VIDEO_ID)).kind).not.toBe('unknown');
});
