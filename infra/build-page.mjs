import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Makes `.build/page`: the operator's page as index.html, one script, one style sheet and an icon, whose names hold
 * a hash of what is in them, so that a browser may keep them for ever.
 */
export async function buildPage(root, publish) {
  const { build } = await import('esbuild');
  const source = join(root, 'api/page');
  const out = join(root, '.build/page');
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: { page: join(source, 'main.tsx'), style: join(source, 'style/style.css') },
    outdir: out,
    entryNames: '[name]-[hash]',
    bundle: true,
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
  publish(join(out, 'index.html'), Buffer.from(indexOf(source, files)));
  const kept = new Set(['index.html', ...files.map(({ name }) => name)]);
  for (const name of readdirSync(out)) if (!kept.has(name)) rmSync(join(out, name), { force: true });
}

function indexOf(source, files) {
  const named = (ending) => `/page/${files.find(({ name }) => name.endsWith(ending)).name}`;
  return readFileSync(join(source, 'index.html'), 'utf8')
    .replace('ICON', named('.svg'))
    .replace('STYLE', named('.css'))
    .replace('SCRIPT', named('.js'));
}
