import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';

/**
 * Makes `.build/page`: the operator's page as index.html, scripts (one for what all views share, one a view), one
 * style sheet and an icon, whose names hold a hash of what is in them, so that a browser may keep them for ever.
 */
export async function buildPage(root, publish) {
  const { build } = await import('esbuild');
  const source = join(root, 'api/page');
  const out = join(root, '.build/page');
  const { outputFiles, metafile } = await build({
    absWorkingDir: root,
    entryPoints: { page: join(source, 'main.tsx'), style: join(source, 'style/style.css') },
    outdir: out,
    entryNames: '[name]-[hash]',
    chunkNames: '[name]-[hash]',
    bundle: true,
    splitting: true,
    metafile: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    target: ['chrome123', 'firefox121', 'safari17.5'],
    legalComments: 'none',
    write: false,
    logLevel: 'warning',
  });
  const files = outputFiles.map(({ path, contents }) => ({ name: path.slice(out.length + 1), contents }));
  const icon = readFileSync(join(source, 'icon.svg'));
  const hash = createHash('sha256').update(icon).digest('hex').slice(0, 8);
  files.push({ name: `icon-${hash}.svg`, contents: icon });
  for (const { name, contents } of files) publish(join(out, name), contents);
  publish(join(out, 'index.html'), Buffer.from(indexOf(source, files, firstImports(metafile))));
  const kept = new Set(['index.html', ...files.map(({ name }) => name)]);
  for (const name of readdirSync(out)) if (!kept.has(name)) rmSync(join(out, name), { force: true });
}

/** Names of what the first script cannot begin without, so that a browser asks for all of it at once. */
function firstImports({ outputs }) {
  const first = Object.values(outputs).find(({ entryPoint }) => entryPoint?.endsWith('main.tsx'));
  const needed = first.imports.filter(({ kind }) => kind === 'import-statement');
  return needed.map(({ path }) => basename(path));
}

function indexOf(source, files, imports) {
  const named = (test) => `/page/${files.find(({ name }) => test.test(name)).name}`;
  const preload = imports.map((name) => `<link rel="modulepreload" href="/page/${name}" />`);
  return readFileSync(join(source, 'index.html'), 'utf8')
    .replace('ICON', named(/\.svg$/))
    .replace('STYLE', named(/\.css$/))
    .replace('<!-- PRELOAD -->', preload.join('\n    '))
    .replace('SCRIPT', named(/^page-.*\.js$/));
}
