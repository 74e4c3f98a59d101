import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Hash of every source file (.ts, .tsx, .mjs, .json, and what the page is made of) below these folders, and of these files. */
export function hashOf(root, places) {
  const hash = createHash('sha256');
  for (const place of places) {
    for (const path of filesOf(root, place)) hash.update(`${path}\0`).update(readFileSync(join(root, path)));
  }
  return hash.digest('hex');
}

function filesOf(root, place) {
  if (/\.\w+$/.test(place)) return [place];
  return readdirSync(join(root, place), { recursive: true })
    .filter((path) => /\.(tsx?|mjs|json|css|html|svg)$/.test(path))
    .map((path) => join(place, path))
    .sort();
}
