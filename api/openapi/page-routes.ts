import type { RouteDoc } from './route-doc.ts';

/** An address of the page: the same document at each, which is open since it holds nothing of the pipeline. */
function page(path: string, summary: string): RouteDoc {
  return {
    method: 'GET',
    path,
    scope: 'open',
    tag: 'Page',
    summary,
    answers: { 200: { description: 'The page; what it shows needs a key', body: ['text/html'] } },
    problems: ['page_not_built'],
  };
}

/** The routes of the operator's page, part of the one table. */
export const PAGE_ROUTES = {
  overview: page('/', 'Open the page: all videos'),
  orderPage: page('/order', 'Open the page: order a video'),
  videoPage: page('/videos/:video', 'Open the page: one video'),
  pageFile: {
    method: 'GET',
    path: '/page/:file',
    scope: 'open',
    tag: 'Page',
    summary: 'Load a part of the page',
    answers: {
      200: { description: 'The part', body: ['text/javascript', 'text/css', 'image/svg+xml'] },
    },
    problems: ['not_found', 'page_not_built'],
  },
} as const satisfies Record<string, RouteDoc>;
