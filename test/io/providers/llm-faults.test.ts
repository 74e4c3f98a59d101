import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { error, type FakeOpenAi, type Scripted, startFakeOpenAi } from '../../support/fakes/openai.ts';
import { ANSWER_UNITS, KEY, openAiOn, TOPIC, unitsOf, writeWith } from '../../support/fakes/openai-llm.ts';
import { scriptAnswer } from '../../support/fakes/openai-text.ts';
import { eventually } from '../../support/test-pipeline.ts';

let fake: FakeOpenAi;

beforeAll(async () => {
  fake = await startFakeOpenAi({ key: KEY });
});
beforeEach(() => fake.reset());
afterAll(() => fake.close());

const SCENE = { heading: 'H', on_screen: [], search_words: ['sea'] };

test.each<[string, Scripted]>([
  ['truncated JSON', { content: '{"title": "Cold li' }],
  ['prose', { content: 'Sure! Here is your script.' }],
  ['the wrong shape', { content: '{"title": "Cold light", "scenes": "none"}' }],
  ['no narration', { content: JSON.stringify({ title: 'T', description: '', tags: [], scenes: [] }) }],
  [
    'a narration far too short',
    {
      content: JSON.stringify({
        title: 'T',
        description: '',
        tags: [],
        scenes: [{ ...SCENE, narration: 'Hi.' }],
      }),
    },
  ],
  [
    'the wrong language',
    { content: JSON.stringify(scriptAnswer({ words: 170, scenes: 6, topic: 'Meer', language: 'de' })) },
  ],
])('%s is mended by a second try, and both answers are charged', async (_, scripted) => {
  fake.script('chat', scripted);
  const { script, charges } = await writeWith(openAiOn(fake));
  expect(script?.source).toBe('llm');
  expect(fake.calls.chat).toBe(2);
  expect(unitsOf(charges)).toEqual([...ANSWER_UNITS, ...ANSWER_UNITS]);
  const repair = fake.requests.chat[1]?.body['messages'] as { content: string }[];
  expect(repair.at(-1)?.content).toMatch(/cannot be used: it/);
});

test('an answer that is cut off gets more room and no lecture', async () => {
  fake.script('chat', { content: '{"title": "Cold li', finishReason: 'length' });
  const { script } = await writeWith(openAiOn(fake));
  expect(script).not.toBeNull();
  expect(fake.requests.chat.map(({ body }) => body['max_tokens'])).toEqual([1500, 3000]);
  expect(fake.requests.chat[1]?.body['messages']).toHaveLength(2);
});

test('two unusable answers are one clear failure, and both are charged', async () => {
  fake.script('chat', { content: 'No.' }, { content: '{"title": 1}' });
  const { failure, charges } = await writeWith(openAiOn(fake));
  expect(failure).toMatchObject({
    kind: 'invalid_response',
    message: expect.stringMatching(/first it is not valid JSON, then it has the wrong shape \(title: /),
  });
  expect(unitsOf(charges)).toEqual([...ANSWER_UNITS, ...ANSWER_UNITS]);
});

test('an answer in the wrong alphabet twice is a failure that names the language', async () => {
  const { failure } = await writeWith(openAiOn(fake), { ...TOPIC, language: 'ru' });
  expect(failure).toMatchObject({
    kind: 'invalid_response',
    message: expect.stringContaining('language "ru"'),
  });
  expect(fake.calls.chat).toBe(2);
});

test('an answer that is no JSON at all is charged at the most that it can have cost', async () => {
  fake.script('chat', { body: '<html>busy</html>' });
  const { script, charges } = await writeWith(openAiOn(fake));
  expect(script).not.toBeNull();
  expect(charges[1]).toMatchObject({ unit: 'completion_token', quantity: 1500 });
});

test('fenced JSON of a local model is read without paying again', async () => {
  const answer = JSON.stringify(scriptAnswer({ words: 170, scenes: 6, topic: 'the sea' }));
  fake.script('chat', { content: `\`\`\`json\n${answer}\n\`\`\`` });
  expect((await writeWith(openAiOn(fake))).script?.title).toBe('What we know about the sea');
  expect(fake.calls.chat).toBe(1);
});

test.each<[string, Scripted, string]>([
  ['a refusal', { refusal: 'I cannot help with that.' }, 'the model refused: I cannot help with that.'],
  ['a content filter', { content: '', finishReason: 'content_filter' }, 'content filter stopped the answer'],
])(
  '%s ends the stage with the model’s words, is not tried again, and is charged',
  async (_, scripted, words) => {
    fake.script('chat', scripted);
    const { failure, charges } = await writeWith(openAiOn(fake));
    expect(failure).toMatchObject({ kind: 'invalid_input', message: expect.stringContaining(words) });
    expect(fake.calls.chat).toBe(1);
    expect(unitsOf(charges)).toContain('prompt_token');
  },
);

test.each<[string, Scripted, string, RegExp]>([
  ['no balance by 402', { status: 402 }, 'provider_account', /no balance: add credit/],
  [
    'no balance as 429',
    { status: 429, body: error('insufficient_quota', 'insufficient_quota', 'You exceeded your quota') },
    'provider_account',
    /no balance/,
  ],
  [
    'a key without rights',
    { status: 403 },
    'provider_account',
    /refused the key \(403\): set OPENAI_API_KEY/,
  ],
  [
    'an unknown model',
    { status: 404, body: error('invalid_request_error', 'model_not_found', 'The model does not exist') },
    'invalid_input',
    /no model "gpt-4o-mini", which OPENAI_MODEL names/,
  ],
  [
    'a bad request',
    { status: 400, body: error('x', null, 'Bad key sk-abc') },
    'invalid_input',
    /\(400\): Bad key \*\*\*$/,
  ],
  [
    'a day that is used up',
    {
      status: 429,
      body: error(
        'requests',
        'rate_limit_exceeded',
        'Rate limit reached on requests per day (RPD): Limit 200',
      ),
    },
    'quota',
    /all that a day allows \(429\): Rate limit reached on requests per day/,
  ],
  ['a server that gave up waiting', { status: 408 }, 'timeout', /gave up waiting \(408\)/],
  ['an outage', { status: 503 }, 'server_error', /failed \(503\)/],
  ['a cut connection', { cut: true }, 'connection', /the connection to 127\.0\.0\.1:\d+ failed/],
  ['a hang', { hang: true }, 'timeout', /did not answer within 2 s/],
])('%s is one clear line, is not tried again by itself', async (_, scripted, kind, message) => {
  fake.script('chat', scripted);
  const { failure, charges } = await writeWith(openAiOn(fake, { timeoutMs: scripted.hang ? 2_000 : 30_000 }));
  expect(failure).toMatchObject({ name: 'StageError', kind, message: expect.stringMatching(message) });
  expect(fake.calls.chat).toBe(1);
  // Sent, and nobody knows whether it is billed: it is counted at its most.
  expect(charges.map(({ quantity }) => quantity)).toEqual(
    scripted.cut || scripted.hang ? [expect.any(Number), 0, 1500] : [],
  );
});

test('a wrong key is refused without a part of any key in the message or its cause', async () => {
  const { failure } = await writeWith(openAiOn(fake, { apiKey: 'sk-wrong-key-1234' }));
  expect(failure).toMatchObject({
    kind: 'provider_account',
    message: expect.stringMatching(/refused the key \(401\): set OPENAI_API_KEY/),
  });
  expect(JSON.stringify(failure, Object.getOwnPropertyNames(failure))).not.toContain('sk-wrong');
  expect(failure.cause).toBeUndefined();
});

test.each([
  ['Retry-After in seconds', () => ({ 'retry-after': '7' }), 7_000, 7_000],
  ['Retry-After-Ms', () => ({ 'retry-after-ms': '250' }), 250, 250],
  [
    'Retry-After as a date',
    () => ({ 'retry-after': new Date(Date.now() + 60_000).toUTCString() }),
    30_000,
    60_000,
  ],
  ['a moment instead of a span', () => ({ 'retry-after': '1790000000' }), 3_600_000, 3_600_000],
] as const)('429 with %s waits that long', async (_, headers, least, most) => {
  fake.script('chat', { status: 429, headers: headers() });
  const { failure } = await writeWith(openAiOn(fake));
  expect(failure.kind).toBe('rate_limited');
  expect(failure.retryAfterMs).toBeGreaterThanOrEqual(least);
  expect(failure.retryAfterMs).toBeLessThanOrEqual(most);
});

test('a server that is not there is a connection failure', async () => {
  const gone = await startFakeOpenAi();
  await gone.close();
  expect((await writeWith(openAiOn(fake, { baseUrl: gone.url }))).failure).toMatchObject({
    kind: 'connection',
    message: expect.stringMatching(/ECONNREFUSED \(see OPENAI_BASE_URL\)/),
  });
});

test('a cancel ends the call on the wire, which is counted at its most', async () => {
  fake.script('chat', { hang: true });
  const cancel = new AbortController();
  const reason = new Error('cancelled by the test');
  const running = writeWith(openAiOn(fake), TOPIC, cancel.signal);
  await eventually(
    () => fake.calls.chat,
    (calls) => calls === 1,
  );
  cancel.abort(reason);
  expect(await running).toMatchObject({ failure: reason, charges: [{}, {}, { quantity: 1500 }] });
  await eventually(
    () => fake.aborted.chat,
    (aborted) => aborted === 1,
  );
});
