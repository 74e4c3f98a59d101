import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterAll, describe, expect, test } from 'vitest';
import { parseGpu, queryGpu } from '../../../infra/gpu/nvidia-smi.ts';
import { createGpuReader } from '../../../infra/gpu/reader.ts';
import { createLogger } from '../../../infra/logger.ts';

/*
 * These answers were written from the documented format of `nvidia-smi --query-gpu=… --format=csv,noheader,nounits`;
 * no card was at hand when they were.
 */
const UUID = 'GPU-4c9f0f2e-7c1b-0f4d-9a55-6d0e9a1b2c3d';
const MIB = 1024 ** 2;

const folder = mkdtempSync(join(tmpdir(), 'ytempire-smi-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A program of that name which does as the script says. */
function program(name: string, script: string): string {
  const path = join(folder, name);
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
  return path;
}

describe('an answer of nvidia-smi', () => {
  test('is read field by field, memory in bytes', () => {
    expect(parseGpu(`NVIDIA GeForce RTX 5090, ${UUID}, 32607, 1204, 31002, 37, 51\n`)).toEqual({
      name: 'NVIDIA GeForce RTX 5090',
      uuid: UUID,
      memoryTotalBytes: 32607 * MIB,
      memoryUsedBytes: 1204 * MIB,
      memoryFreeBytes: 31002 * MIB,
      utilisation: 37,
      temperature: 51,
    });
  });

  test('of several cards is read for its first', () => {
    const second = 'NVIDIA A2, GPU-2, 15356, 0, 15356, 0, 30';
    expect(parseGpu(`NVIDIA A10, GPU-1, 23028, 0, 23028, 0, 30\n${second}\n`).uuid).toBe('GPU-1');
  });

  test.each(['N/A', '[N/A]', '[Not Supported]', '[Unknown Error]', 'ERR!', ''])(
    'that says "%s" leaves that figure unknown',
    (cell) => {
      const line = `NVIDIA T400, ${cell}, ${cell}, ${cell}, ${cell}, ${cell}, ${cell}`;
      expect(parseGpu(line)).toEqual({
        name: 'NVIDIA T400',
        uuid: null,
        memoryTotalBytes: null,
        memoryUsedBytes: null,
        memoryFreeBytes: null,
        utilisation: null,
        temperature: null,
      });
    },
  );

  test('may have a name with a comma in it', () => {
    expect(parseGpu(`Quadro, RTX, ${UUID}, 1, 1, 1, 1, 1`)).toMatchObject({
      name: 'Quadro, RTX',
      uuid: UUID,
    });
  });

  test.each(['', 'No devices were found', "NVIDIA-SMI has failed because it couldn't communicate, sorry"])(
    '"%s" is no card',
    (answer) => {
      expect(() => parseGpu(answer)).toThrow('nvidia-smi answered');
    },
  );
});

describe('asking nvidia-smi', () => {
  const figures = `NVIDIA L4, ${UUID}, 23034, 100, 22934, 5, 40`;

  test('asks for one card where one is named', async () => {
    const smi = program('asks', `echo "$(echo "$*" | tr , ' '), ${UUID}, 1, 2, 3, 4, 5"`);
    expect((await queryGpu(smi, '1')).name).toContain('--format=csv noheader nounits -i 1');
  });

  test('a missing program and one that fails say so', async () => {
    await expect(queryGpu(join(folder, 'none'), null)).rejects.toThrow('nvidia-smi failed');
    const failing = program(
      'failing',
      'echo "Unable to determine the device handle for GPU0: GPU is lost."; exit 15',
    );
    await expect(queryGpu(failing, null)).rejects.toThrow('GPU is lost');
  });

  test('one that hangs is given up and not waited for', async () => {
    const hanging = program('hanging', 'exec sleep 60');
    await expect(queryGpu(hanging, null, 200)).rejects.toThrow('gave no answer within 0.2 s');
  });

  test('one that hangs is not started again as long as it lives', async () => {
    const smi = program('undying', 'exec sleep 60');
    const failure = (error: Error) => error.message;
    const first = await queryGpu(smi, null, 200).catch(failure);
    // No turn of the event loop lies between: the end of the killed one cannot have been heard of yet.
    expect([first, await queryGpu(smi, null).catch(failure)]).toEqual([
      'nvidia-smi gave no answer within 0.2 s',
      'nvidia-smi hangs, and cannot be ended',
    ]);
    program('undying', `echo "${figures}"`);
    await expect.poll(() => queryGpu(smi, null).catch(failure)).toMatchObject({ uuid: UUID });
  });

  test('a worker can end while its output is still held open', async () => {
    const smi = program('held', `while test -e ${folder}; do sleep 0.1; done &`);
    const outfile = join(folder, 'asker.mjs');
    const contents = `import { queryGpu } from './infra/gpu/nvidia-smi.ts';
      await queryGpu(${JSON.stringify(smi)}, null, 1_000).catch(({ message }) => console.log(message));`;
    await build({
      ...{ stdin: { contents, resolveDir: process.cwd() }, outfile, bundle: true },
      ...{ platform: 'node', format: 'esm', packages: 'external' },
    });
    const asker = spawnSync(process.execPath, [outfile], { encoding: 'utf8', timeout: 30_000 });
    expect([asker.stdout, asker.status]).toEqual(['nvidia-smi gave no answer within 1 s\n', 0]);
  });

  test('a card that vanishes in mid-run has no figures, and has them again when it is back', async () => {
    const gone = join(folder, 'gone');
    const smi = program('vanishing', `test -e ${gone} && exit 6; echo "${figures}"`);
    const reader = createGpuReader(smi, null, createLogger('fatal', 'test'));
    expect(await reader.read()).toMatchObject({ uuid: UUID, temperature: 40 });
    writeFileSync(gone, '');
    expect(await reader.read()).toBeNull();
    expect(reader.last()).toBeNull();
    rmSync(gone);
    expect(await reader.read()).toEqual(reader.last());
    expect(reader.last()).toMatchObject({ uuid: UUID });
  });
});
