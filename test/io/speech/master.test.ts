import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { measureLoudness } from '../../../activities/audio/loudness.ts';
import { master } from '../../../activities/audio/master.ts';
import { readWav, writeWav } from '../../../activities/audio/wav.ts';
import { tempFolders } from '../../support/temp-folders.ts';

const ffmpeg = process.env['FFMPEG_PATH'] ?? 'ffmpeg';
const never = new AbortController().signal;
const folder = tempFolders('master-test-');

const TEXT = 'The deep sea glows and nobody counted until two biologists watched video for years';

/** A spoken sentence at 16 kHz, sent through a filter that makes it hard to master. */
function speech(text: string, filter: string): { input: string; output: string } {
  const dir = folder();
  const input = join(dir, 'input.wav');
  const source = `flite=text=${text}:voice=slt`;
  execFileSync(ffmpeg, ['-loglevel', 'error', '-f', 'lavfi', '-i', source, '-af', filter, input]);
  return { input, output: join(dir, 'output.wav') };
}

test.each([
  ['a whisper', TEXT, 'volume=-35dB'],
  ['a clipped recording', TEXT, 'volume=25dB'],
  ['speech with hard peaks', TEXT, 'aeval=val(0)*(1+4*lt(mod(t\\,0.7)\\,0.002))'],
  ['one short word with pauses', 'Hi.', 'adelay=350,apad=pad_dur=0.9'],
])(
  '%s becomes -14 LUFS with true peaks of at most -1.5 dBTP and keeps its length',
  async (_, text, filter) => {
    const { input, output } = speech(text, filter);
    const reported = await master({ ffmpeg, input, output, channels: 1, signal: never });
    const measured = await measureLoudness(ffmpeg, output, never);
    expect(measured).toEqual(reported);
    expect(measured.truePeakDbtp).toBeLessThanOrEqual(-1.5);
    expect(Math.abs(measured.lufs + 14)).toBeLessThanOrEqual(0.5);
    const [before, after] = await Promise.all([readWav(input), readWav(output)]);
    expect(after.rate).toBe(48_000);
    const seconds = before.samples.length / before.rate;
    expect(Math.abs(after.samples.length / after.rate - seconds)).toBeLessThan(0.001);
  },
);

test('mastering moves no sound in time by more than 5 ms', async () => {
  const { input, output } = speech(TEXT, 'adelay=500');
  await master({ ffmpeg, input, output, channels: 1, signal: never });
  const onset = async (path: string) => {
    const { rate, samples } = await readWav(path);
    const peak = samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
    return samples.findIndex((sample) => Math.abs(sample) > peak / 5) / rate;
  };
  expect(Math.abs((await onset(input)) - (await onset(output)))).toBeLessThan(0.005);
});

test('silence is missing data, not a division by zero', async () => {
  const { input, output } = speech('Hi.', 'volume=0');
  await expect(master({ ffmpeg, input, output, channels: 1, signal: never })).rejects.toMatchObject({
    kind: 'missing_data',
    message: 'the narration is silent',
  });
});

test('a WAV is read back as it was written, and other formats are refused by name', async () => {
  const path = join(folder(), 'a.wav');
  const samples = Int16Array.from([0, 1, -1, 32_767, -32_768]);
  await writeWav(path, { rate: 22_050, samples });
  expect(await readWav(path)).toEqual({ rate: 22_050, samples });
  execFileSync(ffmpeg, ['-loglevel', 'error', '-y', '-i', path, '-ac', '2', `${path}.wav`]);
  await expect(readWav(`${path}.wav`)).rejects.toThrow(/not mono 16-bit: 2 channels/);
  await expect(readWav('examples/script.txt')).rejects.toThrow(/is not a WAV file/);
});
