import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createAudioSynthesis } from '../../activities/audio-synthesis.ts';
import { chooseFootage, createMediaCollection } from '../../activities/media-collection.ts';
import { chooseLlm } from '../../activities/providers/llm.ts';
import { chooseSpeech } from '../../activities/providers/speech.ts';
import { chooseTranscriber } from '../../activities/providers/transcription.ts';
import { createScriptGeneration } from '../../activities/script-generation.ts';
import { createApp } from '../../api/app.ts';
import { createLogger } from '../../infra/logger.ts';
import { createHide } from '../../infra/settings/hide-secrets.ts';
import { error, type FakeOpenAi, startFakeOpenAi } from '../support/fakes/openai.ts';
import { paidPrices } from '../support/fakes/paid-prices.ts';
import { type FakePexels, startFakePexels } from '../support/fakes/pexels.ts';
import { eventually, TestPipeline } from '../support/test-pipeline.ts';

/** Found nowhere but in the requests to the service that each belongs to. */
const OPENAI = 'sk-canary-openai-4711';
const PASSWORD = 'canary/password 4711';
const DATABASE = `postgres://ytempire:${encodeURIComponent(PASSWORD)}@127.0.0.1/farm`;
const CANARY = /openai-4711|(canary|%2F|\/)password|pexels-test-key/;
const NOTHING = JSON.stringify({ page: 1, per_page: 15, total_results: 0, videos: [] });

let openai: FakeOpenAi;
let pexels: FakePexels;
let pipeline: TestPipeline;
let logged = '';

beforeAll(async () => {
  [openai, pexels] = await Promise.all([startFakeOpenAi(), startFakePexels()]);
  const account = { baseUrl: openai.url, model: 'gpt-4o-mini' };
  pipeline = await TestPipeline.create({
    config: {
      providers: {
        chat: account,
        speech: { ...account, model: 'gpt-4o-mini-tts', voice: 'alloy' },
        transcription: { ...account, model: 'whisper-1' },
        footage: { baseUrl: pexels.url, hosts: ['127.0.0.1'] },
      },
    },
  });
  const { deps } = pipeline;
  deps.secrets = { ...deps.secrets, openai: OPENAI, speech: OPENAI, pexels: pexels.key };
  deps.prices = paidPrices();
  // The pool is open already; from here on the URL is but something that an error may quote.
  deps.config.databaseUrl = DATABASE;
  const sink = { write: (line: string) => (logged += line) };
  deps.log = createLogger('trace', 'test', createHide(deps.secrets, [DATABASE]), sink);
});
afterAll(async () => {
  await pipeline.close();
  await Promise.all([openai.close(), pexels.close()]);
});

/** What a service says that repeats all that it was sent. */
const echo = (status: number, key: string) => ({
  status,
  headers: { 'x-echo': `Bearer ${key}`, 'www-authenticate': key },
  body: error('server_error', null, `you sent authorization: ${key}, in JSON ${JSON.stringify(key)}`),
});

test('no key and no password is told, whatever a service or a library says', async () => {
  const { deps } = pipeline;
  openai.script('chat', echo(500, OPENAI), { body: `<html>Bearer ${OPENAI}` }, { content: OPENAI });
  openai.script('speech', echo(500, OPENAI), { body: Buffer.from(OPENAI) });
  openai.script('transcription', echo(400, OPENAI));
  pexels.script('search', { ...echo(500, pexels.key), body: pexels.key }, { status: 200, body: pexels.key });
  pexels.script('search', ...Array(20).fill({ status: 200, body: NOTHING }));
  const made = await pipeline.submit(
    { duration: 15 },
    {
      script_generation: createScriptGeneration(chooseLlm(deps)),
      audio_synthesis: createAudioSynthesis(chooseSpeech(deps), deps.config, chooseTranscriber(deps)),
      media_collection: createMediaCollection(chooseFootage(deps)),
    },
  );
  const broken = await pipeline.submit(
    {},
    {
      script_generation: async (context) => {
        context.warn('test', `the key is ${OPENAI}`);
        const cause = new Error(`connect ${DATABASE}`, { cause: { headers: { authorization: OPENAI } } });
        throw new Error(`password authentication failed for "${PASSWORD}" with ${OPENAI}`, { cause });
      },
    },
  );
  expect(await pipeline.ended(made)).toMatchObject({ status: 'completed' });
  const failed = await pipeline.ended(broken);
  expect(failed).toMatchObject({ status: 'failed', reason: 'bug' });
  // It is told what went wrong, and without the secrets.
  expect(failed.errors[0]?.message).toBe('Error: password authentication failed for "***" with ***');
  expect((await pipeline.until(made, () => true)).errors.length).toBeGreaterThan(3);
  expect(openai.requests.chat[0]?.headers.authorization).toBe(`Bearer ${OPENAI}`);

  const app = createApp(deps);
  const answers = [`/pipeline/status/${made}`, `/pipeline/status/${broken}`, '/pipeline/videos', '/metrics'];
  const places: Record<string, string> = {
    log: logged,
    histories: (
      await Promise.all([made, broken].map((id) => eventually(() => historiesOf(id), isEnough)))
    ).join(),
    postgres: await everyRow(),
    redis: await everyEvent(),
    artifacts: await eventually(() => everyFile(deps.config.dataDir), isEnough),
    api: (await Promise.all(answers.map(async (path) => (await app.request(path)).text()))).join(),
  };
  for (const [place, text] of Object.entries(places)) {
    expect(isEnough(text), place).toBe(true);
    expect(CANARY.exec(text.replaceAll('\\', ''))?.[0], place).toBeUndefined();
  }
  for (const place of ['log', 'histories', 'postgres', 'redis', 'api'])
    expect(places[place], place).toContain('***');
});

test('a log line hides a secret as it is, as JSON and as a URL write it, and an address keeps its host', () => {
  let lines = '';
  const secrets = { ...pipeline.deps.secrets, session: 'a"b\\canary' };
  const log = createLogger('info', 'test', createHide(secrets, [DATABASE]), {
    write: (line) => (lines += line),
  });
  log.info({ url: DATABASE, nested: { deep: [secrets.session] }, err: new Error(`no ${PASSWORD}`) }, OPENAI);
  expect(lines).toContain('postgres://ytempire:***@127.0.0.1/farm');
  expect(lines).not.toContain('canary');
  expect(JSON.parse(lines)).toMatchObject({ nested: { deep: ['***'] }, msg: '***' });
});

/** Nothing is found in what holds nothing. */
function isEnough(text: string): boolean {
  return text.length > 500;
}

/** All runs of a video's workflow that Temporal lists by now, the bytes of their payloads as text. */
async function historiesOf(videoId: string): Promise<string> {
  const { workflow } = pipeline.deps.temporal;
  const { workflowId } = pipeline.handle(videoId);
  let text = '';
  for await (const { runId } of workflow.list({ query: `WorkflowId = '${workflowId}'` })) {
    const history = await workflow.getHandle(workflowId, runId).fetchHistory();
    text += JSON.stringify(history, (_, value) =>
      value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : value,
    );
  }
  return text;
}

async function everyRow(): Promise<string> {
  const { pool, config } = pipeline.deps;
  const { rows: tables } = await pool.query(
    'SELECT table_name AS name FROM information_schema.tables WHERE table_schema = $1',
    [config.schema],
  );
  const texts = tables.map(async ({ name }) => {
    const { rows } = await pool.query(`SELECT t::text FROM ${config.schema}.${name} AS t`);
    return JSON.stringify(rows);
  });
  return (await Promise.all(texts)).join('\n');
}

async function everyEvent(): Promise<string> {
  const { config } = pipeline.deps;
  const redis = new Redis(config.redisUrl);
  try {
    return JSON.stringify(await redis.xrange(`${config.redisPrefix}events`, '-', '+'));
  } finally {
    redis.disconnect();
  }
}

/** Nothing when a folder of work was removed meanwhile. */
async function everyFile(folder: string): Promise<string> {
  return readFiles(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
    return '';
  });
}

async function readFiles(folder: string): Promise<string> {
  const names = await readdir(folder, { recursive: true });
  const texts = names.map(async (name) => {
    const path = join(folder, name);
    return `${name} ${(await stat(path)).isFile() ? await readFile(path, 'latin1') : ''}`;
  });
  return (await Promise.all(texts)).join('\n');
}
