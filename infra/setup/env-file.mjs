import { readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { SetupError } from './report.mjs';

const ASSIGNMENT = /^\s*(?:export\s+)?[A-Za-z_][A-Za-z0-9_]*\s*=\s*(["'`]?)(.*)$/;

/**
 * Puts the values of a `.env` file into the environment, where it has no such name yet, and answers their
 * names; a missing file has none. Throws a SetupError that names the line that can't be read, never its
 * text: it may hold a key.
 */
export function loadEnvFile(path, environment = process.env) {
  const content = read(path);
  const broken = brokenLine(content);
  if (broken) throw new SetupError(`${path}, line ${broken.number}: ${broken.why}`);
  const values = Object.entries(parseEnv(content));
  for (const [name, value] of values) environment[name] ??= value;
  return values.map(([name]) => name);
}

function read(path) {
  try {
    const content = readFileSync(path, 'utf8').replace(/^\uFEFF/, '');
    if (content.includes('\0')) throw Object.assign(new Error(), { code: 'it is not UTF-8 text' });
    return content.replaceAll('\r\n', '\n');
  } catch (error) {
    if (error.code === 'ENOENT') return '';
    throw new SetupError(`${path} can't be read (${error.code}): make it a text file that you may read.`);
  }
}

function brokenLine(content) {
  const lines = content.split('\n');
  for (let i = 0; i < lines.length; i++) {
    if (/^\s*(#|$)/.test(lines[i])) continue;
    const found = ASSIGNMENT.exec(lines[i]);
    if (!found) return { number: i + 1, why: 'write NAME=value, or begin a comment with #.' };
    const [, quote, rest] = found;
    if (!quote || rest.includes(quote)) continue;
    // A quoted value may go on over lines.
    const end = lines.findIndex((line, at) => at > i && line.includes(quote));
    if (end === -1) return { number: i + 1, why: `the quotation mark ${quote} is not closed.` };
    i = end;
  }
  return null;
}
