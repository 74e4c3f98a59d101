import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { runStackCommand } from '../../../cli/stack-command.ts';
import { createTestTerminal } from '../../support/test-terminal.ts';

let dataDir: string;
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'stack-reset-'));
  await writeFile(join(dataDir, 'artifacts'), 'all of them');
});
afterEach(() => rm(dataDir, { recursive: true, force: true }));

async function reset(stdin: Readable, ...args: string[]) {
  const terminal = createTestTerminal({ stdin });
  const code = await runStackCommand(['reset', ...args], dataDir, terminal);
  return {
    code,
    kept: existsSync(join(dataDir, 'artifacts')),
    out: terminal.out,
    errors: terminal.errors.join(),
  };
}

/** Somebody at a terminal who types this. */
const typed = (text: string) => Object.assign(Readable.from([text]), { isTTY: true });
const nobody = () => Readable.from([]);

test.each(['y\n', 'YES\n'])('on a terminal a reset asks, and %j deletes the data', async (answer) => {
  const { out, ...rest } = await reset(typed(answer));
  expect(rest).toMatchObject({ code: 0, kept: false });
  expect(out).toContain(`Delete all orders, videos and logs in ${dataDir}? [y/N]`);
});

test.each(['\n', 'n\n', 'yesterday\n', ''])(
  'on a terminal the answer %j to a reset deletes nothing',
  async (answer) => {
    expect(await reset(typed(answer))).toMatchObject({ code: 1, kept: true, errors: 'Nothing was deleted.' });
  },
);

test('without a terminal a reset needs --yes', async () => {
  expect(await reset(nobody())).toMatchObject({
    code: 2,
    kept: true,
    errors: expect.stringContaining('--yes'),
  });
  expect(await reset(nobody(), '--yes')).toMatchObject({ code: 0, kept: false });
});

test('a reset of a folder that holds more than a stack makes deletes nothing, with --yes too', async () => {
  await writeFile(join(dataDir, 'thesis.odt'), 'years of work');
  expect(await reset(nobody(), '--yes')).toMatchObject({
    code: 2,
    kept: true,
    errors: expect.stringContaining('thesis.odt'),
  });
  expect(existsSync(join(dataDir, 'thesis.odt'))).toBe(true);
});

test('a reset of a folder that is not there has nothing to delete', async () => {
  await rm(dataDir, { recursive: true });
  expect(await reset(nobody(), '--yes')).toMatchObject({ code: 0 });
});
