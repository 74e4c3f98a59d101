import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readWav } from '../activities/audio/wav.ts';
import { chooseSpeech } from '../activities/providers/speech.ts';
import { type Voice, voicesOf } from '../infra/media/voices.ts';
import type { Env } from '../infra/settings/env.ts';
import { EXIT } from './client/cli-error.ts';
import { processTerminal, type Terminal } from './client/terminal.ts';
import { type Patient, readPatient } from './doctor/patient.ts';
import { UNPAID } from './unpaid-voice.ts';

const USAGE = 'Use: npm run voices -- list | test [NAME]';
const SENTENCE = 'The deep sea begins where the light of the sun ends, two hundred metres down.';
const TEST_LIMIT_MS = 120_000;
const COMMAND: Voice = { name: 'TTS_COMMAND', engine: 'TTS_COMMAND', what: 'the command of .env' };

/**
 * `npm run voices`: `list` shows the names that an order may give, `test` lets one voice of each engine of this machine
 * say a sentence, or the voice that is named, and tells what that took. Exit code 0 when any spoke: a machine need not
 * have every engine; 1 otherwise, 2 for bad input.
 */
export async function runVoices(
  [command, name, ...more]: string[],
  env: Env,
  dataDir: string,
  terminal: Terminal = processTerminal(),
): Promise<number> {
  const patient = readPatient(env, dataDir);
  const voices = voicesOf(patient.config.providers);
  const asked =
    name === undefined ? onePerEngine(patient, voices) : voices.filter((voice) => voice.name === name);
  if (command === 'list' && name === undefined) return list(voices, terminal);
  if (command === 'test' && more.length === 0 && asked.length > 0) return testAll(asked, patient, terminal);
  terminal.error(name === undefined ? USAGE : `No voice is called "${name}". ${USAGE}`);
  return EXIT.badInput;
}

function list(voices: readonly Voice[], terminal: Terminal): number {
  for (const { name, engine, what } of voices)
    terminal.write(`${name.padEnd(10)} ${engine.padEnd(16)} ${what}\n`);
  if (voices.length === 0) terminal.write('TTS_COMMAND speaks: it names its own voice.\n');
  return EXIT.completed;
}

/** Speech over HTTP has one engine, whichever of its voices speaks. */
function onePerEngine({ config }: Patient, voices: readonly Voice[]): Voice[] {
  if (config.providers.ttsCommand !== null) return [COMMAND];
  return voices.filter(({ engine }, i) => voices.findIndex((voice) => voice.engine === engine) === i);
}

async function testAll(voices: readonly Voice[], patient: Patient, terminal: Terminal): Promise<number> {
  let failed = 0;
  for (const voice of voices) {
    const line = await speak(voice, patient).catch((error: Error) => {
      failed += 1;
      return `does not speak here: ${error.message}`;
    });
    terminal.write(`${voice.name.padEnd(10)} ${voice.engine.padEnd(16)} ${line}\n`);
  }
  return failed < voices.length ? EXIT.completed : EXIT.failed;
}

async function speak(voice: Voice, { config, secrets }: Patient): Promise<string> {
  if (config.providers.speech)
    return 'costs money, so it is not tried here; "npm run doctor" asks the server';
  const dir = await mkdtemp(join(tmpdir(), 'ytempire-voices-'));
  const from = performance.now();
  try {
    const speech = chooseSpeech({ config, secrets });
    const context = { voice: voice.name, signal: AbortSignal.timeout(TEST_LIMIT_MS), ...UNPAID };
    const { files } = await speech.speak([SENTENCE], dir, context);
    const took = (performance.now() - from) / 1000;
    const { rate, samples } = await readWav(files[0] ?? '');
    const spoken = samples.length / rate;
    return `${spoken.toFixed(1)} s of speech in ${took.toFixed(2)} s with its start: ${(took / spoken).toFixed(2)} of real time`;
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}
