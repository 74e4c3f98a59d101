import type { Handler } from 'hono';
import { policyWithStyle } from '../access/headers.ts';
import { openApiDocument } from '../openapi/document.ts';
import { referencePage, STYLE_SHA256 } from '../openapi/page.ts';
import { ROUTE_LIST } from '../openapi/routes.ts';

/** Made at the first request: it is the same for the life of the process. */
let made: { document: ReturnType<typeof openApiDocument>; page: string } | null = null;

function reference() {
  if (!made) {
    const document = openApiDocument(ROUTE_LIST);
    made = { document, page: referencePage(document) };
  }
  return made;
}

/** GET /openapi.json */
export function openApiRoute(): Handler {
  return (context) => context.json(reference().document);
}

/** GET /docs: the same for people, one page that loads nothing. */
export function docsRoute(): Handler {
  const policy = policyWithStyle(STYLE_SHA256);
  return (context) => context.html(reference().page, 200, { 'content-security-policy': policy });
}
