import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { runChild } from '../../activities/child.ts';

const never = new AbortController().signal;

test('gives standard output and error of a program that ends well', async () => {
  const output = await runChild('sh', ['-c', 'echo out; echo err >&2'], { signal: never });
  expect(output).toEqual({ stdout: 'out', stderr: 'err' });
});

test('passes each line on as it comes, and the whole text at the end', async () => {
  const lines: string[] = [];
  const output = await runChild('sh', ['-c', 'echo a; echo b'], {
    signal: never,
    onLine: (line) => lines.push(line),
  });
  expect(lines).toEqual(['a', 'b']);
  expect(output.stdout).toBe('a\nb');
});

test('a failing program is a process_failed with the last lines it wrote', async () => {
  const failed = runChild('sh', ['-c', 'echo no such codec >&2; exit 3'], {
    signal: never,
    onLine: () => {},
  });
  await expect(failed).rejects.toMatchObject({ name: 'StageError', kind: 'process_failed' });
  await expect(failed).rejects.toThrow(/sh failed \(exit code 3\): no such codec/);
});

test('a missing program is a process_failed that names it', async () => {
  await expect(runChild('no-such-program', [], { signal: never })).rejects.toThrow(/no-such-program/);
});

test('reads its input and an emptied environment', async () => {
  process.env['OPENAI_API_KEY'] = 'secret-of-the-test';
  const output = await runChild('sh', ['-c', 'cat; env'], {
    signal: never,
    input: 'hello\n',
    env: { LANG: 'C.UTF-8' },
  });
  delete process.env['OPENAI_API_KEY'];
  expect(output.stdout).toContain('hello');
  expect(output.stdout).toContain('LANG=C.UTF-8');
  expect(output.stdout).not.toContain('secret-of-the-test');
});

test('an abort ends a program that ignores SIGTERM within the two seconds of grace', async () => {
  const abort = new AbortController();
  const running = runChild('sh', ['-c', 'trap "" TERM; echo ready; while :; do sleep 0.1; done'], {
    signal: abort.signal,
    onLine: () => abort.abort(new Error('cancelled by the test')),
  });
  await expect(running).rejects.toThrow('cancelled by the test');
});

test('a child dies with its killed parent', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'ytempire-child-'));
  const pidFile = join(folder, 'pid');
  const script = join(folder, 'parent.ts');
  const child = new URL('../../activities/child.ts', import.meta.url).pathname;
  writeFileSync(
    script,
    `import { runChild } from ${JSON.stringify(child)};
await runChild('sh', ['-c', 'echo $$ > ${pidFile}; exec sleep 60'], { signal: new AbortController().signal });`,
  );
  const bundle = join(folder, 'parent.mjs');
  execFileSync(
    'npx',
    [
      'esbuild',
      script,
      '--bundle',
      '--platform=node',
      '--format=esm',
      '--packages=external',
      `--outfile=${bundle}`,
    ],
    { stdio: 'pipe' },
  );
  // The bundle must find node_modules: run it from the project.
  const parent = spawn(process.execPath, ['--input-type=module', '-'], {
    stdio: ['pipe', 'ignore', 'inherit'],
  });
  parent.stdin.end(readFileSync(bundle));
  const pid = await vi.waitFor(() => readPid(pidFile), { timeout: 10_000 });
  expect(isAlive(pid)).toBe(true);
  parent.kill('SIGKILL');
  await once(parent, 'exit');
  await vi.waitFor(() => expect(isAlive(pid)).toBe(false), { timeout: 5_000 });
});

function readPid(file: string): number {
  const text = readFileSync(file, 'utf8').trim();
  if (!text) throw new Error('the child has not written its pid yet');
  return Number(text);
}

function isAlive(pid: number): boolean {
  try {
    return !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ');
  } catch {
    return false;
  }
}
