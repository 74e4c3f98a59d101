import { join } from 'node:path';
import type { Context, Handler } from 'hono';
import { projectRoot } from '../../infra/project-root.ts';
import { policyOfPage } from '../access/headers.ts';
import type { ApiDeps } from '../app.ts';
import { ProblemError } from '../errors.ts';
import { type PageFile, type PageFiles, readPageFiles } from '../page-files.ts';

/** A year, which is as long as HTTP knows. */
const FOR_EVER = 'public, max-age=31536000, immutable';

/** The page of each deps, read at its first request: a process serves one build for all of its life. */
const read = new WeakMap<ApiDeps, Promise<PageFiles | null>>();

async function pageOf(deps: ApiDeps): Promise<PageFiles> {
  const found = read.get(deps) ?? readPageFiles(deps.pageFolder ?? join(projectRoot, '.build/page'));
  read.set(deps, found);
  const files = await found;
  if (files) return files;
  read.delete(deps);
  const detail =
    'The page is not built: "npm run up" builds and starts everything, "node infra/build.mjs" builds alone.';
  throw new ProblemError(503, 'page_not_built', detail, { headers: { 'retry-after': '5' } });
}

/** GET / and every address that the page itself knows: the same document, which asks for what it shows. */
export function pageRoute(deps: ApiDeps): Handler {
  return async (context) => {
    const { index, scriptSha256 } = await pageOf(deps);
    return answerFile(context, index, {
      'cache-control': 'no-cache',
      'content-security-policy': policyOfPage(scriptSha256),
    });
  };
}

/** GET /page/{file}: script, style sheet and icon; a new build has new names. */
export function pageFileRoute(deps: ApiDeps): Handler {
  return async (context) => {
    const file = (await pageOf(deps)).assets.get(context.req.param('file') ?? '');
    if (!file)
      throw new ProblemError(404, 'not_found', 'The page has no such file (any more): load it again.');
    return answerFile(context, file, { 'cache-control': FOR_EVER });
  };
}

function answerFile(context: Context, file: PageFile, headers: Record<string, string>): Response {
  const small = /\bgzip\b/.test(context.req.header('accept-encoding') ?? '');
  return context.body(small ? file.gzipped : file.content, 200, {
    ...headers,
    'content-type': file.type,
    vary: 'accept-encoding',
    ...(small && { 'content-encoding': 'gzip' }),
  });
}
