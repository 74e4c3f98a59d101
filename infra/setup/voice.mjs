import { chmodSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheDir, cached } from './cache.mjs';
import { say, step } from './report.mjs';
import { run, which } from './run.mjs';

const VOICE = 'hibari-tts==0.2.1';
/** A machine that can't install the voice is not made to try at every start. */
const RETRY_AFTER_MS = 60 * 60_000;

/**
 * TTS_PYTHON that can import the neural voice, and ESPEAK_PATH when espeak-ng is installed. Neither is
 * required: the speech stage falls back to flite and espeak-ng by itself.
 */
export async function findVoice() {
  const espeak = process.env.ESPEAK_PATH || which('espeak-ng');
  const python = process.env.TTS_PYTHON || (await neuralVoice());
  return { ...(espeak && { ESPEAK_PATH: espeak }), ...(python && { TTS_PYTHON: python }) };
}

async function neuralVoice() {
  const python = which('python3');
  if (!python) {
    say(
      '  voice: no Python 3.10 or newer, so a robotic voice (flite or espeak-ng) speaks; install it for the neural one',
    );
    return null;
  }
  if (failedLately()) return null;
  try {
    const home = await cached(`voice-${VOICE.replace('==', '-')}`, (draft) =>
      step(`neural voice (PyPI ${VOICE})`, () => installVoice(python, draft)),
    );
    return join(home, 'bin', 'python');
  } catch (error) {
    mkdirSync(cacheDir, { recursive: true });
    writeFileSync(failureMark, error.message);
    say(
      `  voice: "pip install ${VOICE}" failed, so a robotic voice (flite or espeak-ng) speaks (${error.message})`,
    );
    return null;
  }
}

const failureMark = join(cacheDir, 'voice-failed');

function failedLately() {
  const mark = statSync(failureMark, { throwIfNoEntry: false });
  return mark !== undefined && Date.now() - mark.mtimeMs < RETRY_AFTER_MS;
}

async function installVoice(python, draft) {
  try {
    await run(python, ['-m', 'venv', draft]);
    await run(join(draft, 'bin', 'python'), ['-m', 'pip', 'install', '-q', VOICE]);
  } catch {
    rmSync(draft, { recursive: true, force: true });
    mkdirSync(join(draft, 'bin'), { recursive: true });
    await run(python, ['-m', 'pip', 'install', '-q', '--target', join(draft, 'site'), VOICE]);
    writePythonWithSite(python, draft);
  }
  await run(join(draft, 'bin', 'python'), ['-c', 'import hibari']);
}

/** Debian's Python often has no venv: then a script puts the private packages on Python's path. */
function writePythonWithSite(python, draft) {
  const script = join(draft, 'bin', 'python');
  const site = '$(dirname "$0")/../site';
  writeFileSync(script, `#!/bin/sh\nPYTHONPATH="${site}" exec "${python}" "$@"\n`);
  chmodSync(script, 0o755);
}
