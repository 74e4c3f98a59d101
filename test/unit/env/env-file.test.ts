import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { projectRoot } from '../../../infra/project-root.ts';

const PROGRAM = `
  import { loadEnvFile } from ${JSON.stringify(join(projectRoot, 'infra/setup/env-file.mjs'))};
  try {
    const names = loadEnvFile(process.argv[1]);
    console.log(JSON.stringify(Object.fromEntries(names.map((name) => [name, process.env[name]]))));
  } catch (error) {
    console.log(error.constructor.name + ' ' + error.message);
  }`;

let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'env-file-'));
  path = join(folder, '.env');
});

afterEach(() => rmSync(folder, { recursive: true }));

/** What a fresh process has after reading the file, as JSON, or the error. */
function load(content: string | Buffer | null, env: NodeJS.ProcessEnv = {}): string {
  if (content !== null) writeFileSync(path, content);
  const run = spawnSync(process.execPath, ['--input-type=module', '-e', PROGRAM, path], {
    env,
    encoding: 'utf8',
  });
  return `${run.stdout}${run.stderr}`.trim();
}

test('values, comments, quotes over two lines, a byte order mark and Windows line ends are read', () => {
  const content =
    '\uFEFF# keys\r\nOPENAI_API_KEY=sk-1 # mine\r\n\r\nexport A="x y"\r\nB=\'1\r\n2\'\r\nC=\r\n';
  expect(JSON.parse(load(content))).toEqual({ OPENAI_API_KEY: 'sk-1', A: 'x y', B: '1\n2', C: '' });
});

test('what stands in the environment wins, also when it is empty', () => {
  expect(JSON.parse(load('A=file\nB=file\n', { A: 'shell', B: '' }))).toEqual({ A: 'shell', B: '' });
});

test('no file is an empty one', () => {
  expect(load(null)).toBe('{}');
});

test.each([
  ['A=1\nsk-secret-key\n', 'line 2: write NAME=value, or begin a comment with #.'],
  ['A=1\nB: sk-secret-key\n', 'line 2: write NAME=value'],
  ['\n\nA="sk-secret-key\nB=2\n', 'line 3: the quotation mark " is not closed.'],
])('a broken line is told by its number and never shown: %j', (content, message) => {
  const said = load(content);
  expect(said).toContain(`SetupError ${path}, ${message}`);
  expect(said).not.toContain('secret');
});

test('a folder, and a file in another encoding, are refused in one line', () => {
  expect(load(Buffer.from('A=1', 'utf16le'))).toContain(
    `SetupError ${path} can't be read (it is not UTF-8 text)`,
  );
  rmSync(path);
  mkdirSync(path);
  expect(load(null)).toContain(`SetupError ${path} can't be read (EISDIR)`);
});
