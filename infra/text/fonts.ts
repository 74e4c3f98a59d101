import { randomUUID } from 'node:crypto';
import { access, constants, copyFile, mkdir, rename, rm, stat } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { basename, join } from 'node:path';
import { GlobalFonts } from '@napi-rs/canvas';
import { projectRoot } from '../project-root.ts';
import { FONTS, sourceOf } from './font-files.ts';

/** Family of all Latin, Greek and Cyrillic text, in pictures and in captions. */
export const FONT_FAMILY = 'Inter';

/** Weights that are shipped of {@link FONT_FAMILY}: regular, medium, bold, extra-bold. */
export type FontWeight = 400 | 500 | 700 | 800;

/** CSS family list that covers every shipped script: the canvas falls back glyph by glyph, in this order. */
export const FONT_STACK = `${FONT_FAMILY}, "Noto Sans Arabic", "Noto Sans Hebrew", "Noto Emoji"`;

let registered = false;

/** Makes the shipped fonts known to the canvas, once a process. Throws an Error that names a missing file. */
export function registerFonts(): void {
  if (registered) return;
  for (const { family, files } of FONTS) {
    for (const file of files) {
      if (!GlobalFonts.registerFromPath(sourceOf(file), family)) {
        throw new Error(`font ${basename(file)} is missing or unreadable: run "npm ci" again`);
      }
    }
  }
  registered = true;
}

/**
 * A folder that holds the shipped TTF files, for libass, which reads no nested folders. It is filled on
 * demand; each file appears whole by rename, so any number of processes may ask at once.
 */
export async function fontsDir(): Promise<string> {
  const folder = await writableFolder();
  await Promise.all(FONTS.flatMap(({ files }) => files.map((file) => provide(sourceOf(file), folder))));
  return folder;
}

async function writableFolder(): Promise<string> {
  const inProject = join(projectRoot, '.build', 'fonts');
  try {
    await mkdir(inProject, { recursive: true });
    await access(inProject, constants.W_OK);
    return inProject;
  } catch {
    // An installation that this user may only read.
    const own = join(tmpdir(), `ytempire-fonts-${userInfo().uid}`);
    await mkdir(own, { recursive: true, mode: 0o700 });
    return own;
  }
}

async function provide(source: string, folder: string): Promise<void> {
  const target = join(folder, basename(source));
  const [wanted, present] = await Promise.all([stat(source), stat(target).catch(() => null)]);
  if (present?.size === wanted.size) return;
  const part = `${folder}.${randomUUID()}.part`;
  try {
    await copyFile(source, part);
    await rename(part, target);
  } finally {
    await rm(part, { force: true });
  }
}
