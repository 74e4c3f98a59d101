import { mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, expect, test } from 'vitest';
import { LogFile } from '../../../infra/embedded/log-file.ts';
import {
  halt,
  lastLines,
  launch,
  type RunningService,
  type ServicePlan,
} from '../../../infra/embedded/service.ts';
import { tempFolders } from '../../support/temp-folders.ts';

const folders = tempFolders('ytempire-logs-');
const running: [ServicePlan, RunningService][] = [];

afterEach(async () => {
  for (const [plan, service] of running.splice(0)) await halt(plan, service);
});

function start(code: string, maxBytes: number, keep: number): { path: string; service: RunningService } {
  const path = join(folders(), 'logs', 'child.log');
  const plan: ServicePlan = {
    ...{ name: 'child', command: process.execPath, args: ['-e', code], env: {}, cwd: '/', user: null },
    ...{ mark: code, port: null, isReady: async () => true, readyWithinMs: 1_000 },
    log: { path, maxBytes, keep },
  };
  const service = launch(plan);
  running.push([plan, service]);
  return { path, service };
}

const numberOf = (name: string) => Number(/\d+$/.exec(name)?.[0] ?? 0);

/** All that was kept, oldest first. */
function kept(path: string): string[] {
  const folder = join(path, '..');
  const names = readdirSync(folder).sort((one, other) => numberOf(other) - numberOf(one));
  return names.map((name) => readFileSync(join(folder, name), 'utf8'));
}

test('a program that says 2 MB on both streams, at once and until its exit, loses no line and breaks none', async () => {
  const line = (stream: string) =>
    `process.${stream}.write('${stream} ' + n + ' ' + 'x'.repeat(n % 200) + '\\n');`;
  const code = `for (let n = 0; n < 10000; n++) { ${line('stdout')} ${line('stderr')} }`;
  const { path, service } = start(code, 100_000, 60);
  expect(await service.ended).toBe('ended with 0');
  const lines = kept(path).join('').trimEnd().split('\n');
  for (const stream of ['stdout', 'stderr']) {
    const numbers = lines.filter((each) => each.startsWith(stream)).map((each) => Number(each.split(' ')[1]));
    expect([numbers.length, numbers.findIndex((number, index) => number !== index)]).toEqual([10_000, -1]);
  }
  expect(lines).toHaveLength(20_000);
  for (const name of readdirSync(join(path, '..'))) {
    expect(statSync(join(path, '..', name)).size).toBeLessThanOrEqual(100_000);
  }
});

test('a program goes on with its log without a restart, and the oldest file gives way', async () => {
  const { path, service } = start(
    `let n = 0; setInterval(() => { for (let i = 0; i < 50; i++) console.log('line ' + n++); }, 5);`,
    ...([1_000, 2] as const),
  );
  await expect.poll(() => readdirSync(join(path, '..')).length).toBe(3);
  const oldest = () => readFileSync(`${path}.2`, 'utf8');
  const before = oldest();
  await expect.poll(oldest).not.toBe(before);
  expect(readdirSync(join(path, '..')).sort()).toEqual(['child.log', 'child.log.1', 'child.log.2']);
  expect(service.hasEnded()).toBe(false);
});

test('the last words of a program that dies are in its log when its end is told, a line without an end included', async () => {
  const code = `console.error('about to fail'); process.stderr.write('half a line', () => process.kill(process.pid, 'SIGKILL'));`;
  const { path, service } = start(code, 1_000, 2);
  expect(await service.ended).toBe('ended with SIGKILL');
  expect(lastLines(path)).toBe('  | about to fail\n  | half a line');
});

test('a child that holds the output of a dead program keeps nobody from hearing of the death', async () => {
  const code = `require('node:child_process').spawn('sleep', ['5'], { stdio: 'inherit' }).unref(); process.exitCode = 7;`;
  expect(await start(code, 1_000, 2).service.ended).toBe('ended with 7');
});

test('whatever the lines and limits: every kept file holds whole lines within its size, and the newest are there', () => {
  const text = fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 60 });
  const pieces = fc.array(text, { minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(
      pieces,
      fc.integer({ min: 1, max: 300 }),
      fc.integer({ min: 1, max: 4 }),
      (given, maxBytes, keep) => {
        const path = join(folders(), 'a.log');
        const log = new LogFile({ path, maxBytes, keep });
        const lines = given.flat().map((length, index) => `${String(index).padEnd(length, 'x')}\n`);
        let from = 0;
        for (const piece of given) {
          log.write(lines.slice(from, from + piece.length).join(''));
          from += piece.length;
        }
        log.close();
        const files = kept(path);
        expect(files.length).toBeLessThanOrEqual(keep + 1);
        const all = files.join('');
        expect(lines.join('').endsWith(all)).toBe(true);
        expect(all === '' || lines.join('') === all || files.length === keep + 1).toBe(true);
        for (const file of files) {
          expect(file.length <= maxBytes || file.indexOf('\n') === file.length - 1).toBe(true);
          expect(file.endsWith('\n') || file === '').toBe(true);
        }
      },
    ),
    { numRuns: 200 },
  );
});

test('a log that cannot be rotated or written does not fail its writer, and tells later what it lost', () => {
  const folder = folders();
  const path = join(folder, 'a.log');
  const log = new LogFile({ path, maxBytes: 20, keep: 1 });
  log.write('first line of it\n');
  // A folder that is not empty in the place of the oldest file.
  mkdirSync(join(`${path}.1`, 'in the way'), { recursive: true });
  log.write('second line of it\n');
  rmSync(`${path}.1`, { recursive: true });
  log.write('third\n');
  log.close();
  const text = kept(path).join('');
  expect(text).toContain('18 bytes of this log were lost');
  expect(text).toContain('third');
  expect(text).not.toContain('second');
});
