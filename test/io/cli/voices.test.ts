import { expect, test } from 'vitest';
import { runVoices } from '../../../cli/voices.ts';
import { type Env, readEnv } from '../../../infra/settings/env.ts';
import { tempFolders } from '../../support/temp-folders.ts';
import { createTestTerminal } from '../../support/test-terminal.ts';

const folder = tempFolders('voices-test-');

async function voices(args: string[], changed: Partial<Env> = {}) {
  const terminal = createTestTerminal();
  const code = await runVoices(args, { ...readEnv(), ...changed }, folder(), terminal);
  return { code, lines: terminal.out.trim().split('\n'), errors: terminal.errors };
}

test('lists the voices that an order may name, with the one that is shipped first', async () => {
  const { code, lines } = await voices(['list']);
  expect(code).toBe(0);
  expect(lines.map((line) => line.split(' ')[0])).toEqual([
    ...['heart', 'emma', 'fable', 'fenrir', 'kore', 'flite', 'espeak-ng'],
  ]);
  expect(lines[0]).toContain('in the package');
  expect(lines[5]).toContain('sounds robotic');
});

test('lets a voice say a sentence and tells what it took', async () => {
  const { code, lines } = await voices(['test', 'flite']);
  expect(code).toBe(0);
  expect(lines).toEqual([
    expect.stringMatching(/^flite .* \d\.\d s of speech in .*: \d\.\d\d of real time$/u),
  ]);
});

test('a voice that does not speak here is told in its line, and the exit code is 1', async () => {
  const { code, lines } = await voices(['test', 'espeak-ng'], { ESPEAK_PATH: '/nowhere/espeak-ng' });
  expect(code).toBe(1);
  expect(lines).toEqual([expect.stringMatching(/^espeak-ng .*does not speak here: /u)]);
});

test.each([
  ['one engine of three', {}, 0, / s of speech in /u],
  ['none', { FFMPEG_PATH: '/nowhere/ffmpeg' }, 1, /does not speak here: /u],
] as const)('with %s that speaks here, every engine is told', async (_, changed, exit, flite) => {
  const gone = { TTS_PYTHON: '/nowhere/python', ESPEAK_PATH: '/nowhere/espeak-ng' };
  const { code, lines } = await voices(['test'], { ...gone, ...changed });
  expect(lines).toEqual([
    expect.stringMatching(/^heart .*does not speak here: /u),
    expect.stringMatching(new RegExp(`^flite .*${flite.source}`, 'u')),
    expect.stringMatching(/^espeak-ng .*does not speak here: /u),
  ]);
  expect(code).toBe(exit);
});

test('a voice that nobody has is refused with the usage', async () => {
  const { code, errors } = await voices(['test', 'nobody']);
  expect(code).toBe(2);
  expect(errors[0]).toMatch(/"nobody".*npm run voices -- list \| test/u);
});
