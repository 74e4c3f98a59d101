import { createHash } from 'node:crypto';
import { html, raw } from 'hono/html';
import { PROBLEMS } from '../errors.ts';
import { STYLE } from './page-style.ts';

/** SHA-256 in base64 of the page's style sheet, for its content security policy. */
export const STYLE_SHA256 = createHash('sha256').update(STYLE).digest('base64');

interface Schema {
  $ref?: string;
  type?: string | string[];
  format?: string;
  description?: string;
  enum?: unknown[];
  const?: unknown;
  default?: unknown;
  minimum?: number;
  maximum?: number;
  maxLength?: number;
  maxItems?: number;
  items?: Schema;
  anyOf?: Schema[];
  properties?: Record<string, Schema>;
  required?: string[];
}

interface Media {
  schema?: Schema;
}

interface Operation {
  summary: string;
  description?: string;
  tags: string[];
  'x-scope': string;
  parameters: { name: string; in: string; required?: boolean; description?: string; schema: Schema }[];
  requestBody?: { content: Record<string, Media> };
  responses: Record<string, { description: string; content?: Record<string, Media> }>;
}

interface Document {
  info: { title: string; version: string; description: string };
  paths: Record<string, Record<string, unknown>>;
  components: { schemas: Record<string, unknown> };
}

/** The OpenAPI document as one page of HTML without scripts and without anything to load. */
export function referencePage(document: Document): string {
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      method,
      path,
      operation: operation as Operation,
    })),
  );
  const { title, version, description } = document.info;
  const page = html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} API</title><style>${raw(STYLE)}</style></head><body>
<header><h1>${title} API <small>${version}</small></h1><p>${description}
The same for programs: <a href="/openapi.json">/openapi.json</a>.</p></header>
<nav aria-label="Routes">${operations.map(({ method, path, operation }) => html`<a href="#${anchor(method, path)}">${badge(method)} <code>${path}</code> <span>${operation.summary}</span></a>`)}</nav>
<main>${operations.map(({ method, path, operation }) => operationSection(method, path, operation, document))}
<section id="problems"><h2>Codes of refusals</h2>${problemTable()}</section></main></body></html>`;
  return String(page);
}

function operationSection(method: string, path: string, operation: Operation, document: Document) {
  const body = operation.requestBody?.content['application/json']?.schema;
  const scope = operation['x-scope'];
  return html`<section id="${anchor(method, path)}">
<h2>${badge(method)} <code>${path}</code></h2>
<p><strong>${operation.summary}.</strong> ${operation.description ?? ''}</p>
<p>${scope === 'open' ? 'Needs no key.' : html`Needs a key with the scope <b>${scope}</b>.`}</p>
${parameterTable(operation)}
${body ? html`<h3>Body</h3>${fieldTable(body, document)}` : ''}
<h3>Answers</h3>${Object.entries(operation.responses).map(([status, answer]) => answerPart(status, answer, document))}
</section>`;
}

function answerPart(status: string, answer: Operation['responses'][string], document: Document) {
  const types = Object.keys(answer.content ?? {});
  const head = html`<b>${status}</b> ${answer.description}`;
  if (types.includes('application/problem+json')) return html`<p class="answer">${head}</p>`;
  const schema = answer.content?.['application/json']?.schema;
  const told = html`${head} <i>${types.join(', ')}</i>`;
  if (!schema || !resolve(schema, document).properties) return html`<p class="answer success">${told}</p>`;
  return html`<details class="answer success"><summary>${told}</summary>${fieldTable(schema, document)}</details>`;
}

function parameterTable({ parameters }: Operation) {
  if (parameters.length === 0) return '';
  const rows = parameters.map(
    ({ name, in: where, required, description, schema }) =>
      html`<tr><td><code>${name}</code></td><td>${where}${required ? ', required' : ''}</td><td>${typeOf(schema)} ${description ?? ''}</td></tr>`,
  );
  return html`<h3>Parameters</h3><div class="wide"><table>${rows}</table></div>`;
}

function fieldTable(schema: Schema, document: Document) {
  const { properties = {}, required = [] } = resolve(schema, document);
  const rows = Object.entries(properties).map(
    ([name, field]) =>
      html`<tr><td><code>${name}</code>${required.includes(name) ? ' *' : ''}</td><td>${typeOf(resolve(field, document))}</td><td>${meaningOf(field)}</td></tr>`,
  );
  return html`<div class="wide"><table>${rows}</table></div>`;
}

function resolve(schema: Schema, document: Document): Schema {
  const name = schema.$ref?.replace('#/components/schemas/', '');
  return name === undefined ? schema : (document.components.schemas[name] as Schema);
}

function typeOf(schema: Schema): string {
  if (schema.enum) return schema.enum.map(String).join(' | ');
  if (schema.const !== undefined) return String(schema.const);
  if (schema.anyOf) return schema.anyOf.map(typeOf).join(' | ');
  if (schema.items) return `list of ${typeOf(schema.items)}`;
  return schema.format ?? [schema.type ?? 'any'].flat().join(' | ');
}

/** `Wanted seconds; 15 to 600; default 60`: what a client must know to fill a field. */
function meaningOf(schema: Schema): string {
  const { description, minimum, maximum, maxLength, maxItems, default: standard } = schema;
  const huge = (value: number | undefined) =>
    value === undefined || Math.abs(value) >= Number.MAX_SAFE_INTEGER;
  return [
    ...(description === undefined ? [] : [description]),
    ...(huge(minimum) || huge(maximum) ? [] : [`${minimum} to ${maximum}`]),
    ...(maxLength === undefined ? [] : [`at most ${maxLength} characters`]),
    ...(maxItems === undefined ? [] : [`at most ${maxItems}`]),
    ...(standard === undefined ? [] : [`default ${standard}`]),
  ].join('; ');
}

function problemTable() {
  const rows = Object.entries(PROBLEMS).map(
    ([code, { status, when }]) =>
      html`<tr><td><code>${code}</code></td><td>${status}</td><td>${when}</td></tr>`,
  );
  return html`<div class="wide"><table>${rows}</table></div>`;
}

function badge(method: string) {
  return html`<span class="method ${method}">${method.toUpperCase()}</span>`;
}

function anchor(method: string, path: string): string {
  return `${method}${path.replace(/[^A-Za-z0-9]+/g, '-')}`;
}
