import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { diagnose, lineOf } from '../../../cli/doctor/check.ts';
import { readPatient } from '../../../cli/doctor/patient.ts';
import { serviceChecks } from '../../../cli/doctor/services.ts';
import type { Env } from '../../../infra/settings/env.ts';

let server: Server;
let url: string;
let answer: { status: number; body: string };
const asked: { path: string | undefined; key: string | undefined }[] = [];

beforeEach(async () => {
  server = createServer(({ url: path, headers }, response) => {
    asked.push({ path, key: headers.authorization });
    response.writeHead(answer.status, { 'content-type': 'application/json' }).end(answer.body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  asked.length = 0;
});

afterEach(() => void server.close());

async function ask(name: string, env: Env): Promise<string> {
  const check = serviceChecks(readPatient(env, '/nowhere')).find((one) => one.name === name);
  if (!check) throw new Error(`no check ${name}`);
  return lineOf(await diagnose(check));
}

test.each([
  [200, '{"data": [{"id": "llama"}]}', /^ok .* takes the key; llama writes scripts$/],
  [
    200,
    '{"data": [{"id": "a"}, {"id": "b"}]}',
    /^FAIL .*has no model "llama" -> set OPENAI_MODEL to one of its 2/,
  ],
  [200, 'no list', /^ok /],
  [403, '{}', /^FAIL .*refuses the key \(403\) -> set OPENAI_API_KEY/],
  [404, '{}', /^warn .*no such path.* -> check OPENAI_BASE_URL/],
  [429, '{}', /^warn .*fewer requests/],
  [503, '{}', /^FAIL .*answers 503 -> try later/],
])('a chat server that answers %i %s', async (status, body, line) => {
  answer = { status, body };
  const env = { OPENAI_API_KEY: 'k', OPENAI_BASE_URL: `${url}/v1`, OPENAI_MODEL: 'llama' };
  expect(await ask('OpenAI', env)).toMatch(line);
  expect(asked).toEqual([{ path: '/v1/models', key: 'Bearer k' }]);
});

test.each([
  [200, '{"videos": []}', /^ok .*takes the key$/],
  [200, '<html>', /^FAIL .*something else than videos -> check PEXELS_BASE_URL/],
  [401, '', /^FAIL .*refuses the key \(401\) -> set PEXELS_API_KEY/],
])('a footage server that answers %i %s', async (status, body, line) => {
  answer = { status, body };
  expect(await ask('Pexels', { PEXELS_API_KEY: 'k', PEXELS_BASE_URL: url })).toMatch(line);
  expect(asked).toEqual([{ path: '/videos/search?query=sea&per_page=1', key: 'k' }]);
});

test('a model without a price is told with the file to add it to', async () => {
  const env = { OPENAI_API_KEY: 'k', OPENAI_MODEL: 'model-of-tomorrow' };
  expect(await ask('prices', env)).toMatch(/^FAIL .*model-of-tomorrow.*add it to .*prices\.json/);
  expect(await ask('prices', { OPENAI_API_KEY: 'k' })).toMatch(/^ok /);
});

test('a check that never ends is a failure after its deadline', async () => {
  const check = { name: 'sleeper', mend: 'wake it', run: () => new Promise<never>(() => undefined) };
  expect(lineOf(await diagnose(check, 50))).toBe('FAIL  sleeper: no answer within 0.05 s -> wake it');
});
