import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readWav } from '../../../activities/audio/wav.ts';
import { createCommandSpeech, splitCommand } from '../../../activities/providers/speech-command.ts';
import { ENGINE } from '../../support/fakes/openai-voice.ts';
import { tempFolders } from '../../support/temp-folders.ts';
import { FREE } from '../../support/test-pay.ts';
import { eventually } from '../../support/test-pipeline.ts';

const ffmpeg = process.env['FFMPEG_PATH'] ?? 'ffmpeg';
const never = new AbortController().signal;
const folder = tempFolders('speech command ');

test.each([
  ['piper --model en.onnx', ['piper', '--model', 'en.onnx']],
  ['  "/my voices/piper"  -f \'a b\' ', ['/my voices/piper', '-f', 'a b']],
  ['say --as="one two" $HOME;ls \\n', ['say', '--as=one two', '$HOME;ls', '\\n']],
  ["say ''", ['say', '']],
  ['say "open', null],
  ['   ', null],
])('%s is split by spaces and quotation marks alone', (command, words) => {
  expect(splitCommand(command)).toEqual(words);
});

test('its stereo WAV becomes a mono file of 24 kHz, and no shell sees the arguments', async () => {
  const record = join(folder(), 'arguments.json');
  const voice = createCommandSpeech(`node ${ENGINE} speak "${record}" $HOME`, ffmpeg);
  const { files, usage } = await voice.speak(['One sentence.'], folder(), { signal: never, ...FREE });
  expect((await readWav(files[0] ?? '')).rate).toBe(24_000);
  expect(JSON.parse(readFileSync(record, 'utf8'))).toEqual(['speak', record, '$HOME']);
  expect(usage).toMatchObject([{ provider: 'tts-command', model: 'node', quantity: 13, unit: 'character' }]);
});

test.each([
  ['prose', 'invalid_response', 'TTS_COMMAND (node) answered with something that is not sound'],
  ['fail', 'process_failed', 'node failed (exit code 3): no such model'],
])('an engine that answers with %s is one clear failure', async (mode, kind, message) => {
  const voice = createCommandSpeech(`node ${ENGINE} ${mode}`, ffmpeg);
  const speaking = voice.speak(['One.'], folder(), { signal: never, ...FREE });
  await expect(speaking).rejects.toMatchObject({ kind, message });
});

test('a command with an open quotation mark is refused by the setting’s name', async () => {
  const speaking = createCommandSpeech('say "x', ffmpeg).speak(['One.'], folder(), {
    signal: never,
    ...FREE,
  });
  await expect(speaking).rejects.toMatchObject({
    kind: 'invalid_input',
    message: expect.stringContaining('TTS_COMMAND'),
  });
});

test('a cancel kills the engine', async () => {
  const record = join(folder(), 'started.json');
  const cancel = new AbortController();
  const reason = new Error('cancelled by the test');
  const voice = createCommandSpeech(`node ${ENGINE} hang "${record}"`, ffmpeg);
  const speaking = voice.speak(['One.', 'Two.', 'Three.'], folder(), { signal: cancel.signal, ...FREE });
  const cancelled = eventually(
    () => readFileSync(record, { encoding: 'utf8', flag: 'a+' }),
    (text) => text !== '',
  ).then(() => cancel.abort(reason));
  await expect(speaking).rejects.toBe(reason);
  await cancelled;
});
