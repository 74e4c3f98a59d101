import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runChild } from '../../activities/child.ts';
import type { ErrorKind } from '../../domain/errors.ts';
import { tempFolders } from '../support/temp-folders.ts';

const ffmpeg = process.env['FFMPEG_PATH'] ?? 'ffmpeg';
const folder = tempFolders('classify-child-');
const PICTURE = ['-f', 'lavfi', '-i', 'testsrc=size=640x360:rate=30:duration=2'];
/** A Linux device that is always full. */
const FULL = '/dev/full';

async function failureOf(command: string, args: string[]): Promise<{ kind: ErrorKind; message: string }> {
  return runChild(command, args, { signal: new AbortController().signal }).then(
    () => expect.fail('it did not fail'),
    (error) => error,
  );
}

test.runIf(existsSync(FULL))(
  'ffmpeg on a full disk is trouble of our own, which counts as no try',
  async () => {
    const failure = await failureOf(ffmpeg, ['-v', 'error', '-y', ...PICTURE, '-f', 'rawvideo', FULL]);
    expect(failure).toMatchObject({
      kind: 'infrastructure',
      message: expect.stringContaining('No space left'),
    });
  },
);

test('an ffmpeg without the encoder is trouble of our own', async () => {
  const failure = await failureOf(ffmpeg, [
    '-v',
    'error',
    ...PICTURE,
    '-c:v',
    'no_such_codec',
    '-f',
    'null',
    '-',
  ]);
  expect(failure).toMatchObject({ kind: 'infrastructure' });
});

test('ffmpeg that cannot read a file is a failed process', async () => {
  const path = join(folder(), 'broken.mp4');
  writeFileSync(path, 'no video');
  const failure = await failureOf(ffmpeg, ['-v', 'error', '-i', path, '-f', 'null', '-']);
  expect(failure).toMatchObject({
    kind: 'process_failed',
    message: expect.stringContaining('Invalid data found when processing input'),
  });
});

test('a program that finds no memory is a failed process', async () => {
  const failure = await failureOf('sh', [
    '-c',
    'echo "Error initializing filters: Cannot allocate memory" >&2; exit 1',
  ]);
  expect(failure.kind).toBe('process_failed');
});

test('a killed program is a failed process that names the signal', async () => {
  const failure = await failureOf('sh', ['-c', 'kill -KILL $$']);
  expect(failure).toMatchObject({
    kind: 'process_failed',
    message: expect.stringContaining('killed by SIGKILL'),
  });
});

test.each([
  '[h264_nvenc] OpenEncodeSessionEx failed: out of memory (10): (no details)',
  'cuvidCreateDecoder(..) failed -> CUDA_ERROR_OUT_OF_MEMORY: out of memory',
])('a graphics card without memory is told from the machine without memory: %s', async (line) => {
  const failure = await failureOf('sh', ['-c', 'echo "$0" >&2; exit 1', line]);
  expect(failure).toMatchObject({
    kind: 'gpu_out_of_memory',
    message: expect.stringContaining('exit code 1'),
  });
});
