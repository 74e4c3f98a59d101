import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, cpSync, existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { readLock } from '../../infra/embedded/lock-file.ts';
import { freePort } from '../../infra/embedded/ports.ts';
import { becomes } from '../../infra/embedded/wait.ts';
import { projectRoot } from '../../infra/project-root.ts';
import { startFakeOpenAi } from '../support/fakes/openai.ts';
import { paidPrices } from '../support/fakes/paid-prices.ts';
import { tempFolders } from '../support/temp-folders.ts';

const START_MS = 180_000;
const VIDEO_MS = 600_000;

interface Video {
  video_id: string;
  status: string;
  progress: number;
  actual_cost: number;
}

/** The API of a stack, by path and body. */
interface Stack {
  call<T>(path: string, body?: object): Promise<T>;
}

const folders = tempFolders('ytempire-backup-');
const openai = await startFakeOpenAi();
const stacks: { run(...args: string[]): Promise<unknown> }[] = [];
afterAll(async () => {
  for (const stack of stacks) await stack.run('stop');
  await openai.close();
});

/** The commands of a person on a data folder of its own, whose scripts are bought from a fake. */
async function createStack() {
  const dataDir = folders();
  chmodSync(dataDir, 0o755);
  const prices = join(folders(), 'prices.json');
  writeFileSync(prices, JSON.stringify(paidPrices().entries));
  const { DATABASE_URL, REDIS_URL, TEMPORAL_ADDRESS, TEMPORAL_UI, ...rest } = process.env;
  const bought = {
    // Not the preferred one, which another stack may take while it is away.
    API_PORT: String(await freePort(0)),
    RATE_LIMIT: '1000000',
    OPENAI_BASE_URL: openai.url,
    OPENAI_API_KEY: 'key',
    PRICES_FILE: prices,
  };
  const env = { ...rest, ...bought, DATA_DIR: dataDir };
  const start = (...args: string[]) =>
    spawn(process.execPath, ['infra/bootstrap.mjs', ...args], {
      cwd: projectRoot,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  const stack = {
    dataDir,
    run: (...args: string[]) => outcomeOf(start('stack', ...args)),
    async up() {
      start('up');
      const ready = () => (readLock(dataDir)?.api ?? null) !== null;
      if (!(await becomes(ready, START_MS))) throw new Error(`no stack in ${dataDir}`);
    },
    async call<T>(path: string, body?: object): Promise<T> {
      const more = body && {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      };
      return (await fetch(`${readLock(dataDir)?.api}${path}`, more)).json() as Promise<T>;
    },
    videos: async () => (await stack.call<{ videos: Video[] }>('/pipeline/videos')).videos,
  };
  stacks.push(stack);
  return stack;
}

function outcomeOf(child: ChildProcess): Promise<{ code: number | null; output: string }> {
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (output += chunk));
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, output })));
}

/** The first script of each of these videos that was paid: what was asked for, word by word. */
async function paidScripts({ call }: Stack, prompts: ReadonlyMap<string, string>): Promise<string[]> {
  const paid: string[] = [];
  for (const [id, prompt] of prompts) {
    const { stages } = await call<{ stages: { stage: string; total: number }[] }>(`/costs/video/${id}`);
    if (!stages.some(({ stage, total }) => stage === 'script_generation' && total > 0)) continue;
    const asked = asks().find((body) => body.includes(prompt));
    expect(asked, `no call about ${prompt}`).toBeDefined();
    paid.push(asked ?? '');
  }
  return paid;
}

/** What was asked for by the calls of scripts, oldest first. */
function asks(): string[] {
  return openai.requests.chat.map(({ body }) => JSON.stringify(body));
}

test('a stack is backed up in mid-production, restored into an empty folder with its files, and goes on to the end', async () => {
  const file = join(folders(), 'farm.backup');
  const first = await createStack();
  await first.up();
  const prompts = new Map<string, string>();
  for (const prompt of ['Why the deep sea glows', 'How tides are made']) {
    const { video_id } = await first.call<Video>('/pipeline/queue', { prompt, duration: 15 });
    prompts.set(video_id, prompt);
  }
  const atWork = async () => (await first.videos()).some(({ progress }) => progress > 5 && progress < 100);
  expect(await becomes(atWork, VIDEO_MS)).toBe(true);
  // Read before the copy begins, so that all of it is in the copy.
  const before = await first.videos();
  const paid = await paidScripts(first, prompts);
  expect(paid.length).toBeGreaterThan(0);
  const backup = await first.run('backup', file);
  expect(backup, backup.output).toMatchObject({ code: 0, output: expect.stringContaining('2 videos') });
  expect((await first.run('restore', file)).output).toContain('The stack runs: end it first');
  await first.run('stop');

  const second = await createStack();
  if (existsSync(join(first.dataDir, 'artifacts'))) {
    cpSync(join(first.dataDir, 'artifacts'), join(second.dataDir, 'artifacts'), { recursive: true });
  }
  const restored = await second.run('restore', file);
  expect(restored, restored.output).toMatchObject({ code: 0, output: expect.stringContaining('2 videos') });
  expect(restored.output).not.toContain('again');
  expect(readLock(second.dataDir)).toBeNull();
  await second.up();
  const allEnded = async () => (await second.videos()).every(({ status }) => status === 'completed');
  expect(await becomes(allEnded, VIDEO_MS)).toBe(true);
  for (const { video_id, actual_cost } of await second.videos()) {
    const old = before.find((video) => video.video_id === video_id);
    expect(actual_cost).toBeGreaterThanOrEqual(old?.actual_cost ?? Number.POSITIVE_INFINITY);
  }
  // What was stored is not bought again: a script that missed its length is another input.
  for (const script of paid) expect(asks().filter((asked) => asked === script)).toHaveLength(1);
  await second.run('stop');
  const again = await second.run('restore', file);
  expect(again, again.output).toMatchObject({ code: 2, output: expect.stringContaining('say --force') });
}, 1_500_000);
