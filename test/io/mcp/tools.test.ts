import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { accepted, dryRun, video, videoPage } from '../../../api/openapi/answers.ts';
import { dayCosts, videoCosts } from '../../../api/openapi/cost-answers.ts';
import { type RunningApi, serveApi } from '../../../api/serve.ts';
import { projectRoot } from '../../../infra/project-root.ts';
import { newApiKey, parseApiKeys } from '../../../infra/settings/api-keys.ts';
import { createTestDeps } from '../../support/test-deps.ts';

const deps = await createTestDeps();
const agent = newApiKey('agent', 'submit+read+control');
const reader = newApiKey('reader', 'read');
let api: RunningApi;
const open: Client[] = [];
let client: Client;

beforeAll(async () => {
  const access = { ...deps.config.access, keys: parseApiKeys(`${agent.entry},${reader.entry}`) };
  api = await serveApi({ ...deps, config: { ...deps.config, access, api: { host: '127.0.0.1', port: 0 } } });
  client = await connect(api.url, agent.key);
});

beforeEach(async () => {
  for (const table of ['video_queue', 'order_requests']) await deps.pool.query(`DELETE FROM ${table}`);
});

afterAll(async () => {
  await Promise.all(open.map((each) => each.close()));
  await api.stop();
  await deps.close();
});

interface Answer {
  id: number;
  result: { isError?: boolean };
}

interface Configuration {
  command: string;
  args: string[];
  env: Record<string, string>;
}

/** The configuration of docs/mcp.md, with the folder, address and key of the test put in. */
function configuration(url: string, key: string): Configuration {
  const page = readFileSync(join(projectRoot, 'docs/mcp.md'), 'utf8');
  const [, json = ''] = /```json[^\n]*\n(\{\n {2}"mcpServers"[\s\S]*?)```/.exec(page) ?? [];
  const { mcpServers } = JSON.parse(json) as { mcpServers: { ytempire: Configuration } };
  const text = JSON.stringify(mcpServers.ytempire)
    .replace('/path/to/ytempire', projectRoot)
    .replace('http://127.0.0.1:8787', url)
    .replace('yt_your_key', key);
  expect(text).toContain(key);
  return JSON.parse(text) as Configuration;
}

/** The official client with the server as a process of its own; a line that is no protocol fails it. */
async function connect(url: string, key: string): Promise<Client> {
  const { command, args, env } = configuration(url, key);
  const transport = new StdioClientTransport({
    command,
    args,
    env: { ...(process.env as Record<string, string>), ...env },
    stderr: 'ignore',
  });
  const connected = new Client({ name: 'test', version: '1' });
  const strange: string[] = [];
  connected.onerror = ({ message }) => strange.push(message);
  await connected.connect(transport);
  expect(strange).toEqual([]);
  open.push(connected);
  return connected;
}

async function call(asked: Client, name: string, given: Record<string, unknown> = {}) {
  const result = await asked.callTool({ name, arguments: given });
  const [first] = result.content;
  return {
    error: result.isError === true,
    text: first?.type === 'text' ? first.text : '',
    structure: result.structuredContent as Record<string, unknown>,
  };
}

test('an agent finds the tools described, estimates, orders, looks, lists, reads costs and cancels', async () => {
  const { tools } = await client.listTools();
  expect(tools.map(({ name }) => name).sort()).toEqual([
    'cancel_video',
    'daily_costs',
    'estimate_video',
    'list_videos',
    'submit_video',
    'video_costs',
    'video_status',
  ]);
  const submit = tools.find(({ name }) => name === 'submit_video');
  expect(submit?.inputSchema.properties).toMatchObject({ duration: { minimum: 15, maximum: 600 } });

  const order = { prompt: 'Deep sea', duration: 45, max_cost: 1.5 };
  const estimate = await call(client, 'estimate_video', order);
  expect(dryRun.parse(estimate.structure).estimated_cost).toBe(2);
  expect(JSON.parse(estimate.text)).toEqual(estimate.structure);

  const ordered = await call(client, 'submit_video', order);
  const { replayed, ...answer } = ordered.structure;
  expect(replayed).toBe(false);
  const { video_id } = accepted.parse(answer);
  const again = await call(client, 'submit_video', order);
  expect(again.structure).toMatchObject({ video_id, replayed: true });
  const { rows } = await deps.pool.query('SELECT request_data FROM video_queue');
  expect(rows).toEqual([
    { request_data: expect.objectContaining({ prompt: 'Deep sea', max_cost: 1_500_000 }) },
  ]);

  const status = await call(client, 'video_status', { video_id: video_id.slice(0, 8) });
  expect(video.parse(status.structure).video_id).toBe(video_id);
  const page = await call(client, 'list_videos', { status: 'queued', limit: 1 });
  expect(videoPage.parse(page.structure).videos).toHaveLength(1);
  expect(videoCosts.parse((await call(client, 'video_costs', { video_id })).structure).total_cost).toBe(0);
  dayCosts.parse((await call(client, 'daily_costs')).structure);
  const cancelled = await call(client, 'cancel_video', { video_id });
  expect(video.parse(cancelled.structure)).toMatchObject({ video_id });
});

test('what the API refuses is an error of the tool that names the field, and orders nothing', async () => {
  for (const [name, given, message] of [
    ['submit_video', { prompt: 'x', duration: 5 }, /^invalid_order: .*duration: must be a whole number/],
    ['submit_video', { prompt: 'x', colour: 'red' }, /^invalid_order: .*colour: is not a field/],
    ['submit_video', {}, /exactly one of prompt, script, article/],
    ['estimate_video', { prompt: 'x', voice: 'nobody' }, /voice: must be one of/],
    ['list_videos', { status: 'lost' }, /^invalid_request: .*status/],
    ['video_status', { video_id: 'short' }, /is no id/],
    ['video_status', {}, /no video/],
    ['cancel_video', { video_id: '00000000-0000-4000-8000-000000000000' }, /^video_not_found: /],
    ['daily_costs', { date: 'today' }, /^invalid_request: .*date/],
  ] as const) {
    const { error, text } = await call(client, name, given);
    expect([name, error]).toEqual([name, true]);
    expect(text).toMatch(message);
  }
  expect((await deps.pool.query('SELECT 1 FROM video_queue')).rowCount).toBe(0);
});

test('the scopes of the key are the limits of the agent', async () => {
  const looking = await connect(api.url, reader.key);
  expect(await call(looking, 'submit_video', { prompt: 'x' })).toMatchObject({
    error: true,
    text: expect.stringMatching(/^scope_missing: .*submit/),
  });
  expect((await call(looking, 'list_videos')).error).toBe(false);
});

test('standard output carries the protocol alone, an API that is away is an error of each call, and the server ends with its input', async () => {
  const { command, args, env } = configuration('http://127.0.0.1:9', agent.key);
  const server = spawn(command, args, { env: { ...process.env, ...env }, stdio: ['pipe', 'pipe', 'ignore'] });
  const out: string[] = [];
  server.stdout.on('data', (chunk) => out.push(String(chunk)));
  const said = () => out.join('').trim().split('\n').filter(Boolean);
  const say = (message: Record<string, unknown>) =>
    server.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
  const clientInfo = { name: 'raw', version: '1' };
  say({
    id: 0,
    method: 'initialize',
    params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo },
  });
  await expect.poll(() => said().length).toBe(1);
  say({ method: 'notifications/initialized' });
  for (const id of [1, 2]) say({ id, method: 'tools/call', params: { name: 'list_videos', arguments: {} } });
  await expect.poll(() => said().length).toBe(3);
  const answers = said().map((line) => JSON.parse(line) as Answer);
  answers.sort((a, b) => a.id - b.id);
  expect(answers.map(({ id, result }) => [id, result.isError])).toEqual([
    [0, undefined],
    [1, true],
    [2, true],
  ]);
  expect(JSON.stringify(answers)).toContain('does not answer (ECONNREFUSED)');
  const ended = once(server, 'exit');
  server.stdin.end();
  expect(await ended).toEqual([0, null]);
});
