import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runVideo } from '../../../cli/video.ts';
import { createTestTerminal } from '../../support/test-terminal.ts';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'video-arguments-'));
  await writeFile(join(folder, 'long.md'), 'word '.repeat(60_000));
  await writeFile(join(folder, 'binary.md'), Buffer.from([0x89, 0x50, 0x4e, 0x47, 0xff, 0xfe, 0x00]));
  await writeFile(join(folder, 'nul.md'), 'half a text\0and more');
  await writeFile(join(folder, 'empty.md'), ' \n\t\n');
  await writeFile(join(folder, 'good.md'), '# Title\n\nA sentence.');
});

afterAll(() => rm(folder, { recursive: true }));

async function refused(argv: string[], stdin = Readable.from([])) {
  const terminal = createTestTerminal({ stdin });
  const code = await runVideo(argv, () => Promise.reject(new Error('the stack was started')), terminal);
  expect(terminal.out).toBe('');
  return { code, errors: terminal.errors };
}

test.each([
  ['article', 'long.md', /is 293 kB or more, the most is 64 kB/],
  ['article', 'binary.md', /not text as UTF-8/],
  ['article', 'nul.md', /control characters/],
  ['article', 'empty.md', /is blank/],
  ['article', 'missing.md', /no such file/],
  ['article', '.', /is a folder/],
  ['script', 'long.md', /the most is 12000 characters/],
])('refuses --%s %s and says why', async (option, file, line) => {
  const { code, errors } = await refused([`--${option}`, join(folder, file)]);
  expect(code).toBe(2);
  expect(errors).toEqual([expect.stringMatching(line)]);
});

test('stops reading an endless standard input at the limit', async () => {
  const { code, errors } = await refused(['--article', '-'], Readable.from(endless()));
  expect(code).toBe(2);
  expect(errors).toEqual([expect.stringMatching(/--article -: is \d+ kB or more/)]);
});

async function* endless(): AsyncGenerator<Buffer> {
  for (;;) yield Buffer.alloc(10_000, 'a');
}

test('refuses an out folder that is a file or cannot be made, and writes nothing', async () => {
  const before = await readdir(folder);
  for (const out of [join(folder, 'good.md'), join(folder, 'good.md', 'under'), '/proc/none']) {
    const { code, errors } = await refused(['topic', '--out', out]);
    expect(code).toBe(2);
    expect(errors).toEqual([expect.stringMatching(/--out .*(not a folder|nothing can be made|written)/)]);
  }
  expect(await readdir(folder)).toEqual(before);
});
