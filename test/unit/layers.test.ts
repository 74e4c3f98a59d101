import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { expect, test } from 'vitest';
import { projectRoot } from '../../infra/project-root.ts';

/** What each layer may import of the project; nothing imports test or cli. The page is a folder of the api that runs in a browser. */
const ALLOWED: Record<string, string[]> = {
  domain: ['domain'],
  workflows: ['workflows', 'domain'],
  infra: ['infra', 'domain'],
  activities: ['activities', 'infra', 'domain'],
  workers: ['workers', 'activities', 'infra', 'domain'],
  api: ['api', 'infra', 'domain'],
  'api/page': ['api/page', 'domain'],
  cli: ['cli', 'api', 'workers', 'workflows', 'activities', 'infra', 'domain'],
};

/** The packages that a sandboxed layer may import; others are free. */
const PACKAGES: Record<string, string[]> = {
  domain: [],
  workflows: ['@temporalio/workflow'],
  'api/page': ['preact', 'preact/hooks', '@preact/signals'],
};

const IMPORT = /^\s*(?:import|export)\b[^'"]*?from\s*['"]([^'"]+)['"]|import\(\s*['"]([^'"]+)['"]\s*\)/gm;

interface Import {
  file: string;
  layer: string;
  target: string;
}

test.each(Object.keys(ALLOWED))('%s imports only the layers below it', (layer) => {
  const forbidden = importsOf(layer)
    .filter(({ target }) => target.startsWith('.'))
    .filter(({ file, target }) => !ALLOWED[layer]?.includes(folderOf(join(dirname(file), target))));
  expect(forbidden).toEqual([]);
});

test.each(Object.keys(PACKAGES))('%s imports no package that reaches outside of it', (layer) => {
  const forbidden = importsOf(layer)
    .filter(({ target }) => !target.startsWith('.'))
    .filter(({ target }) => !PACKAGES[layer]?.includes(target));
  expect(forbidden).toEqual([]);
});

test('the layers are found, and their imports too', () => {
  expect(importsOf('workflows').map(({ target }) => target)).toContain('@temporalio/workflow');
  expect(importsOf('domain').length).toBeGreaterThan(5);
});

function importsOf(layer: string): Import[] {
  const page = layer === 'api/page';
  const names = readdirSync(join(projectRoot, layer), { recursive: true, encoding: 'utf8' });
  return names
    .filter((name) => /\.tsx?$/.test(name) && (page || !`${layer}/${name}`.startsWith('api/page/')))
    .flatMap((name) => {
      const file = join(projectRoot, layer, name);
      const found = readFileSync(file, 'utf8').matchAll(IMPORT);
      return [...found].map((match) => ({ file, layer, target: match[1] ?? match[2] ?? '' }));
    });
}

function folderOf(path: string): string {
  const [folder = '', inner] = relative(projectRoot, path).split(sep);
  return folder === 'api' && inner === 'page' ? 'api/page' : folder;
}
