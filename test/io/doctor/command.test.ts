import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Diagnosis } from '../../../cli/doctor/check.ts';
import { projectRoot } from '../../../infra/project-root.ts';

test('the command goes on without a tool that cannot be had, and ends with exit code 1', () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'doctor-command-'));
  try {
    const run = spawnSync(process.execPath, ['infra/bootstrap.mjs', 'doctor', '--json'], {
      cwd: projectRoot,
      env: { ...process.env, DATA_DIR: dataDir, FFMPEG_PATH: '/nowhere/ffmpeg' },
      encoding: 'utf8',
    });
    expect(run.stderr).toContain('FFMPEG_PATH=/nowhere/ffmpeg lacks everything');
    const found: Diagnosis[] = JSON.parse(run.stdout);
    const failed = found.filter(({ status }) => status === 'FAIL').map(({ name }) => name);
    expect(failed).toContain('ffmpeg');
    expect(failed).not.toContain('ffprobe');
    expect(run.status).toBe(1);
  } finally {
    rmSync(dataDir, { recursive: true });
  }
});
