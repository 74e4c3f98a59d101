import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { getPriority, tmpdir } from 'node:os';
import { basename, delimiter, dirname, join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { runChild } from '../../activities/child.ts';
import { keepChildRecords } from '../../activities/child-records.ts';
import type { Config } from '../../infra/settings/config.ts';

const never = new AbortController().signal;
const folder = mkdtempSync(join(tmpdir(), 'ytempire-child-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('gives standard output and error of a program that ends well', async () => {
  const output = await runChild('sh', ['-c', 'echo out; echo err >&2'], { signal: never });
  expect(output).toEqual({ stdout: 'out', stderr: 'err' });
});

test('runs at low priority, so that the API answers beside it', async () => {
  const { stdout } = await runChild('nice', [], { signal: never });
  expect(Number(stdout)).toBe(Math.min(19, getPriority() + 10));
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

test('an abort ends what a program has started, too', async () => {
  const abort = new AbortController();
  let pid = 0;
  // A wrapper: the sleep holds standard output open, and would outlive the shell.
  const running = runChild('sh', ['-c', 'sleep 60 & echo $!; wait'], {
    signal: abort.signal,
    onLine: (line) => {
      pid = Number(line);
      abort.abort(new Error('cancelled by the test'));
    },
  });
  await expect(running).rejects.toThrow('cancelled by the test');
  await expect.poll(() => isAlive(pid)).toBe(false);
});

test('what a program leaves behind in the background ends with it', async () => {
  const { stdout } = await runChild('sh', ['-c', 'sleep 60 & echo $!'], { signal: never });
  await expect.poll(() => isAlive(Number(stdout))).toBe(false);
});

test('arguments are handed over as they are: no shell reads them', async () => {
  const odd = ['$(touch /tmp/x)', '`id`', '; echo no', '*', '--', 'a b', '\'"', 'line\nbreak', ''];
  const { stdout } = await runChild('printf', ['%s\\0', ...odd], { signal: never });
  expect(stdout.split('\0').slice(0, -1)).toEqual(odd);
});

test('a program sees no key, no database and nothing else of our environment', async () => {
  const ours = {
    PEXELS_API_KEY: 'canary-1',
    DATABASE_URL: 'postgres://u:canary-2@h/d',
    API_KEYS: 'canary-3',
  };
  Object.assign(process.env, ours);
  const { stdout } = await runChild('env', [], { signal: never });
  for (const name of Object.keys(ours)) delete process.env[name];
  const names = stdout.split('\n').map((line) => line.split('=')[0]);
  const allowed = ['PATH', 'HOME', 'TMPDIR', 'LANG', 'LD_LIBRARY_PATH'];
  expect(names.filter((name) => !allowed.includes(name ?? ''))).toEqual([]);
  expect(stdout).not.toContain('canary');
});

test('a program that prints without end is ended', async () => {
  await expect(runChild('yes', ['x'.repeat(1000)], { signal: never })).rejects.toMatchObject({
    kind: 'process_failed',
  });
});

describe.runIf(hasProgram('prlimit'))('limits that the kernel holds', () => {
  test('a program that takes more memory than it may fails by itself', async () => {
    // 10 MB in one variable of the shell.
    const hungry = ['-c', 'x=$(head -c 10000000 /dev/zero | tr "\\0" a); echo "$x" | wc -c'];
    const within = await runChild('sh', hungry, { signal: never, memoryBytes: 2 * 1024 ** 3 });
    expect(Number(within.stdout)).toBe(10_000_001);
    const beyond = runChild('sh', hungry, { signal: never, memoryBytes: 8 * 1024 ** 2 });
    await expect(beyond).rejects.toMatchObject({ kind: 'process_failed' });
  });

  test('a program that fills the disk is ended at its limit', async () => {
    const outputFile = join(folder, 'endless');
    const running = runChild('yes', [], { signal: never, outputFile, fileBytes: 100_000 });
    await expect(running).rejects.toMatchObject({ kind: 'process_failed' });
    expect(statSync(outputFile).size).toBe(100_000);
  });
});

describe('when its parent is killed with SIGKILL', () => {
  const bundle = join(folder, 'parent.mjs');
  const pidFile = join(folder, 'pid');
  const dataDir = join(folder, 'data');
  const machine = { id: '../a machine', cores: 1, memoryBytes: 1 };
  const config = { dataDir, machine } as Config;

  beforeAll(() => {
    const script = join(folder, 'parent.ts');
    const ours = (name: string) =>
      JSON.stringify(new URL(`../../activities/${name}`, import.meta.url).pathname);
    writeFileSync(
      script,
      `import { runChild } from ${ours('child.ts')};
import { keepChildRecords } from ${ours('child-records.ts')};
await keepChildRecords(${JSON.stringify(config)});
await runChild('sh', ['-c', 'echo $$ > ${pidFile}; exec sleep 60'], { signal: new AbortController().signal });`,
    );
    const how = ['--bundle', '--platform=node', '--format=esm', '--packages=external'];
    execFileSync('npx', ['esbuild', script, ...how, `--outfile=${bundle}`], { stdio: 'pipe' });
  });
  beforeEach(() => rmSync(pidFile, { force: true }));

  async function killedParent(path = process.env['PATH']): Promise<number> {
    // The bundle must find node_modules: it runs from the project.
    const parent = spawn(process.execPath, ['--input-type=module', '-'], {
      stdio: ['pipe', 'ignore', 'inherit'],
      env: { ...process.env, PATH: path },
    });
    parent.stdin.end(readFileSync(bundle));
    await expect.poll(() => readPid(pidFile)).toBeGreaterThan(0);
    const pid = readPid(pidFile);
    expect(isAlive(pid)).toBe(true);
    await expect.poll(() => recordsIn(dataDir)).toHaveLength(1);
    parent.kill('SIGKILL');
    await once(parent, 'exit');
    return pid;
  }

  test.runIf(hasProgram('setpriv'))('a child dies with its killed parent', async () => {
    const pid = await killedParent();
    await expect.poll(() => isAlive(pid)).toBe(false);
    await keepChildRecords(config);
  });

  test('where the kernel does not do it, the next start of a worker ends it, and no other process', async () => {
    const few = join(folder, 'bin');
    mkdirSync(few);
    for (const name of ['sh', 'sleep']) symlinkSync(programPath(name) ?? '', join(few, name));
    const pid = await killedParent(few);
    expect(isAlive(pid)).toBe(true);
    const bystander = spawn('sleep', ['60']);
    // The pid of a child that ended long ago, given to somebody else since.
    const [record = ''] = recordsIn(dataDir);
    writeFileSync(join(dirname(record), String(bystander.pid)), 'another time');
    expect(await keepChildRecords(config)).toBe(1);
    await expect.poll(() => isAlive(pid)).toBe(false);
    expect(isAlive(bystander.pid ?? 0)).toBe(true);
    expect(recordsIn(dataDir)).toEqual([]);
    bystander.kill('SIGKILL');
  });

  test('a living worker keeps its child while another one starts', async () => {
    await keepChildRecords(config);
    const abort = new AbortController();
    const running = runChild('sleep', ['60'], { signal: abort.signal });
    await expect.poll(() => recordsIn(dataDir)).toHaveLength(1);
    expect(await keepChildRecords(config)).toBe(0);
    expect(isAlive(Number(basename(recordsIn(dataDir)[0] ?? '')))).toBe(true);
    abort.abort(new Error('over'));
    await expect(running).rejects.toThrow('over');
    expect(recordsIn(dataDir)).toEqual([]);
  });
});

function recordsIn(dataDir: string): string[] {
  const files = readdirSync(join(dataDir, 'children'), { recursive: true, encoding: 'utf8' });
  return files.filter((file) => /\/\d+$/u.test(file)).map((file) => join(dataDir, 'children', file));
}

function hasProgram(name: string): boolean {
  return programPath(name) !== null;
}

function programPath(name: string): string | null {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  return folders.map((each) => join(each, name)).find((path) => existsSync(path)) ?? null;
}

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
