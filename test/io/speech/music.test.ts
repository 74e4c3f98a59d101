import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { layMusic } from '../../../activities/audio/lay-music.ts';
import { measureLoudness } from '../../../activities/audio/loudness.ts';
import { master } from '../../../activities/audio/master.ts';
import { findMusic } from '../../../activities/audio/music.ts';
import { readWav, type Sound } from '../../../activities/audio/wav.ts';
import { createFlite } from '../../../activities/providers/speech-flite.ts';
import { licencesOf } from '../../../activities/upload/licences.ts';
import { tempFolders } from '../../support/temp-folders.ts';
import { FREE } from '../../support/test-pay.ts';

const ffmpeg = process.env['FFMPEG_PATH'] ?? 'ffmpeg';
const signal = new AbortController().signal;
const folder = tempFolders('music-test-');

const run = (...args: string[]) => execFileSync(ffmpeg, ['-v', 'error', '-y', ...args]);

/** Music that is quiet for three seconds and 20 dB louder for three more. */
function swelling(dir: string): string {
  const path = join(dir, 'swell.wav');
  const tone = "aevalsrc=exprs='if(lt(t,3),0.05,0.5)*sin(2*PI*330*t)':d=6:s=44100";
  run('-f', 'lavfi', '-i', tone, path);
  return path;
}

/** Twelve seconds: speech from one to eleven, or silence of the same length. */
async function narrationIn(
  dir: string,
): Promise<{ spoken: string; speech: { startMs: number; endMs: number }[] }> {
  const text =
    'The deep sea begins where sunlight ends, and most of it has never been seen by anybody at all.';
  const { files } = await createFlite(ffmpeg).speak([text, text], dir, { signal, ...FREE });
  const spoken = join(dir, 'spoken.wav');
  const joined = '[0:a][1:a]concat=n=2:v=0:a=1,adelay=1000,apad,atrim=end=12';
  run(...['-i', files[0] ?? '', '-i', files[1] ?? ''], '-filter_complex', joined, '-ac', '1', spoken);
  const { rate, samples } = await readWav(spoken);
  const last = samples.findLastIndex((sample) => Math.abs(sample) > 300);
  return { spoken, speech: [{ startMs: 1_000, endMs: (last * 1000) / rate }] };
}

/** Loudest tenth of a second, as power in decibels, of a stretch of the left channel. */
function loudest({ rate, samples }: Sound, fromMs: number, toMs: number): number {
  const step = rate / 10;
  let most = 0;
  for (let at = (fromMs * rate) / 1000; at + step <= (toMs * rate) / 1000; at += step) {
    const part = samples.subarray(Math.round(at), Math.round(at + step));
    most = Math.max(most, part.reduce((sum, sample) => sum + sample * sample, 0) / part.length);
  }
  return 10 * Math.log10(most / 32_768 ** 2);
}

test.each(['soft', 'swell'])(
  '"%s" music: at least 15 dB below the speech while somebody speaks, 8 dB at all times',
  async (name) => {
    const dir = folder();
    const place = { ffmpeg, musicDir: dir, workDir: dir, signal };
    swelling(dir);
    const { spoken, speech } = await narrationIn(dir);
    const music = await findMusic(name, place);
    const output = join(dir, 'mixed.wav');
    const job = {
      ffmpeg,
      narration: spoken,
      music: music.path,
      seamless: music.seamless,
      speech,
      workDir: dir,
      signal,
    };
    expect(await layMusic({ ...job, durationMs: 12_000, output })).toBe(true);
    // What is in the mix and not in the narration.
    const alone = join(dir, 'alone.wav');
    const voice = '[1:a]aresample=48000,pan=stereo|c0=0.7071*c0|c1=0.7071*c0,volume=-1[v]';
    run(
      '-i',
      output,
      '-i',
      spoken,
      '-filter_complex',
      `${voice};[0:a][v]amix=normalize=0,pan=mono|c0=c0`,
      alone,
    );
    const left = join(dir, 'left.wav');
    run('-i', spoken, '-af', 'aresample=48000,volume=0.7071', left);
    const [bed, said] = await Promise.all([readWav(alone), readWav(left)]);
    const { endMs } = speech[0] ?? { endMs: 0 };
    const speechLevel = (await measureLoudness(ffmpeg, left, signal)).lufs;
    const inSpeech = loudest(bed, 1_000, endMs);
    expect(inSpeech).toBeLessThan(loudest(said, 1_000, endMs) - 15);
    expect(inSpeech).toBeLessThan(speechLevel - 15);
    expect(loudest(bed, 0, 12_000)).toBeLessThan(speechLevel - 8);
    expect(loudest(bed, 200, 700), 'it is there before the speech').toBeGreaterThan(-60);
    expect(loudest(bed, 11_950, 12_000), 'faded out').toBeLessThan(-60);
    const finished = join(dir, 'finished.wav');
    const loudness = await master({ ffmpeg, input: output, output: finished, channels: 2, signal });
    expect(Math.abs(loudness.lufs + 14)).toBeLessThanOrEqual(0.5);
    expect(loudness.truePeakDbtp).toBeLessThanOrEqual(-1.5);
  },
);

test('the soft bed repeats without a seam', async () => {
  const { path } = await findMusic('soft', { ffmpeg, musicDir: null, workDir: folder(), signal });
  const twice = join(folder(), 'twice.wav');
  run('-stream_loop', '1', '-i', path, '-af', 'pan=mono|c0=c0', twice);
  const { rate, samples } = await readWav(twice);
  const jump = (at: number) => Math.abs((samples[at + 1] ?? 0) - (samples[at] ?? 0));
  const steepest = Math.max(...Array.from({ length: rate }, (_, i) => jump(rate * 4 + i)));
  expect(jump(rate * 16 - 1)).toBeLessThanOrEqual(steepest);
});

test('music is credited with its licence, and what is gone or silent is told', async () => {
  const dir = folder();
  const place = { ffmpeg, musicDir: dir, workDir: folder(), signal };
  swelling(dir);
  writeFileSync(join(dir, 'swell.licence.txt'), 'CC BY 4.0,\n A. Composer\n');
  const { credit: music } = await findMusic('swell', place);
  expect(music).toEqual({
    ...{ name: 'swell', source: 'MUSIC_DIR', licence: 'CC BY 4.0, A. Composer' },
    sha256: expect.stringMatching(/^[0-9a-f]{64}$/u),
  });
  const script = {
    title: 'x',
    description: '',
    tags: [],
    language: 'en',
    source: 'script',
    scenes: [],
  } as const;
  const file = licencesOf(
    { ...script, tags: [], scenes: [] },
    { scenes: [] },
    { voice: 'hibari-tts (emma)', music },
  );
  expect(file).toMatchObject({ music, voice: { licence: 'Apache-2.0' } });
  await expect(findMusic('gone', place)).rejects.toMatchObject({ kind: 'invalid_input' });
  run('-f', 'lavfi', '-i', 'anullsrc=r=48000:d=3', join(dir, 'silent.wav'));
  const { spoken, speech } = await narrationIn(place.workDir);
  const job = { ffmpeg, narration: spoken, music: join(dir, 'silent.wav'), seamless: false, speech, signal };
  const output = join(place.workDir, 'mixed.wav');
  expect(await layMusic({ ...job, durationMs: 12_000, output, workDir: place.workDir })).toBe(false);
});
