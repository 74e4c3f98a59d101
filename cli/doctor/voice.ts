import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chooseSpeech } from '../../activities/providers/speech.ts';
import { UNPAID } from '../unpaid-voice.ts';
import { type Check, type Finding, ok, warn } from './check.ts';
import type { Patient } from './patient.ts';
import { checkSpeechServer } from './services.ts';

const SENTENCE = 'The doctor listens.';
const BETTER_VOICE =
  'for a natural voice install Python 3.10 or newer with pip and run this again, or set OPENAI_API_KEY';
const ROBOTIC = new Set(['flite', 'espeak-ng']);

/** Which voice will speak. One of this machine has to say a sentence; one that is paid for is only asked. */
export function voiceChecks(patient: Patient): Check[] {
  const { speech, ttsCommand } = patient.config.providers;
  const mend = ttsCommand === null ? BETTER_VOICE : 'correct TTS_COMMAND: text on standard input, WAV out';
  const run = (signal: AbortSignal) =>
    speech ? checkSpeechServer(speech, patient) : speakSentence(patient, signal);
  return [{ name: 'voice', mend, run }];
}

async function speakSentence({ config, secrets }: Patient, signal: AbortSignal): Promise<Finding> {
  const voice = chooseSpeech({ config, secrets });
  const dir = await mkdtemp(join(tmpdir(), 'ytempire-doctor-'));
  const from = performance.now();
  try {
    await voice.speak([SENTENCE], dir, { signal, ...UNPAID });
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
  const found = `${voice.name} speaks, a sentence in ${((performance.now() - from) / 1000).toFixed(1)} s`;
  return ROBOTIC.has(voice.name) ? warn(`${found}, and sounds robotic`, BETTER_VOICE) : ok(found);
}
