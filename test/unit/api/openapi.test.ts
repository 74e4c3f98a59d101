import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { PROBLEMS } from '../../../api/errors.ts';
import { openApiDocument } from '../../../api/openapi/document.ts';
import { referencePage } from '../../../api/openapi/page.ts';
import { ROUTE_LIST } from '../../../api/openapi/routes.ts';
import { ORDER_FIELDS } from '../../../cli/orders/order-fields.ts';
import { projectRoot } from '../../../infra/project-root.ts';

const document = openApiDocument(ROUTE_LIST);
const text = JSON.stringify(document);

interface Operation {
  operationId: string;
  summary: string;
  parameters: { name: string; in: string; required?: boolean }[];
  responses: Record<string, { description: string }>;
}

const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({
    path,
    method,
    operation: operation as unknown as Operation,
  })),
);

test('every reference in the description leads somewhere, and every named schema is used', () => {
  const targets = [...text.matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g)].map((match) => match[1]);
  expect(targets.length).toBeGreaterThan(10);
  expect(new Set(targets)).toEqual(new Set(Object.keys(document.components.schemas)));
  for (const [name, schema] of Object.entries(document.components.schemas)) {
    expect(schema, name).not.toHaveProperty('$ref');
  }
});

test('every operation has a name of its own, a summary, its path parameters and its answers', () => {
  expect(operations.length).toBe(ROUTE_LIST.length);
  expect(new Set(operations.map(({ operation }) => operation.operationId)).size).toBe(operations.length);
  for (const { path, operation } of operations) {
    const named = [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]);
    const declared = operation.parameters.filter((each) => each.in === 'path');
    expect(declared.map(({ name }) => name)).toEqual(named);
    expect(declared.every(({ required }) => required)).toBe(true);
    expect(operation.summary).toMatch(/^[A-Z][^.]+$/);
    const statuses = Object.keys(operation.responses);
    expect(statuses.some((status) => /^2\d\d$/.test(status))).toBe(true);
    expect(statuses.every((status) => /^[12345]\d\d$/.test(status))).toBe(true);
    expect(Object.values(operation.responses).every(({ description }) => description.length > 0)).toBe(true);
  }
});

test('the page shows every route, field and code, and loads nothing from anywhere', () => {
  const page = referencePage(document);
  for (const { path } of operations) expect(page).toContain(`<code>${path}</code>`);
  for (const code of Object.keys(PROBLEMS)) expect(page).toContain(`<code>${code}</code>`);
  expect(page).toContain('<code>max_cost</code>');
  expect(page).not.toMatch(/<script|<link|<img|src=|@import|url\(|https?:/);
  expect(page).not.toMatch(/undefined|\[object/);
});

test('text in the description cannot become markup', () => {
  const page = referencePage({ ...document, info: { ...document.info, title: '<b onclick=x>"&' } });
  expect(page).toContain('&lt;b onclick=x&gt;&quot;&amp;');
});

const guide = readFileSync(join(projectRoot, 'docs/api.md'), 'utf8');

/** Cells of the rows of the table under a heading. */
function tableUnder(heading: string): string[][] {
  const [, section = ''] = guide.split(`\n## ${heading}\n`);
  return (section.split('\n## ')[0] ?? '')
    .split('\n')
    .filter((line) => line.startsWith('| ') && !line.startsWith('|---'))
    .slice(1)
    .map((line) =>
      line
        .slice(1, -1)
        .split(' | ')
        .map((cell) => cell.trim()),
    );
}

test('the guide lists every route with its scope', () => {
  const expected = ROUTE_LIST.map(({ method, path, scope, summary }) => [
    `\`${method} ${path.replace(/:(\w+)/g, '{$1}')}\``,
    scope === 'open' ? '-' : scope,
    summary,
  ]);
  expect(tableUnder('Routes')).toEqual(expected);
});

test('the guide lists every field of an order', () => {
  const expected = ORDER_FIELDS.map(({ name, kind, description }) => [`\`${name}\``, kind, description]);
  expect(tableUnder('An order')).toEqual(expected);
});

test('the guide lists every code with its status', () => {
  const expected = Object.entries(PROBLEMS).map(([code, { status, when }]) => [
    `\`${code}\``,
    `${status}`,
    when,
  ]);
  expect(tableUnder('Refusals')).toEqual(expected);
});
