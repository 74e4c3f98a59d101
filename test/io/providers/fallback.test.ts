import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { createMediaCollection } from '../../../activities/media-collection.ts';
import { gatedFootage, gatedSpeech, gatedTranscriber } from '../../../activities/providers/gated-ports.ts';
import type { Deps } from '../../../infra/deps.ts';
import { configuredProviders } from '../../../infra/providers/configured.ts';
import { listProviders, registerProviders } from '../../../infra/providers/registry.ts';
import type { Config } from '../../../infra/settings/config.ts';
import { startFakeOpenAi } from '../../support/fakes/openai.ts';
import { ENGINE } from '../../support/fakes/openai-voice.ts';
import { startFakePexels } from '../../support/fakes/pexels.ts';
import { TEST_VIDEO_ID, type TestStage, testStage } from '../../support/stage-context.ts';
import { createTestDeps } from '../../support/test-deps.ts';
import type { TestAnswers } from '../../support/test-pay.ts';
import { aScript } from '../footage/footage-world.ts';

const [openai, pexels, base] = await Promise.all([startFakeOpenAi(), startFakePexels(), createTestDeps()]);
const stages: TestStage[] = [];
afterAll(async () => {
  await Promise.all(stages.map((stage) => stage.remove()));
  await Promise.all([openai.close(), pexels.close(), base.close()]);
});

const PROVIDERS: Config['providers'] = {
  ...base.config.providers,
  speech: { baseUrl: openai.url, model: 'gpt-4o-mini-tts', voice: 'alloy' },
  transcription: { baseUrl: openai.url, model: 'whisper-1' },
  footage: { baseUrl: pexels.url, hosts: ['127.0.0.1'] },
};
const BOTH = { speech: 'local', footage: 'cards' } as const;

beforeEach(() => {
  openai.reset();
  openai.outage(false);
  return base.pool.query('DELETE FROM provider_state');
});

/** What a worker with this configuration works with, registered as at its start. */
async function worker(
  fallbacks: Config['fallbacks'],
  providers: Partial<Config['providers']> = {},
): Promise<Deps> {
  const config = { ...base.config, providers: { ...PROVIDERS, ...providers }, fallbacks };
  const deps = { ...base, config, secrets: { ...base.secrets, openai: 'sk-test', pexels: pexels.key } };
  await registerProviders(deps, configuredProviders(config, deps.secrets));
  return deps;
}

async function stageWith(triesLeft: number, language = 'en', answers?: TestAnswers): Promise<TestStage> {
  const results = { script_generation: aScript(['sea']) };
  const stage = await testStage({
    triesLeft,
    results,
    order: { language, aspect: '1:1' },
    ...(answers && { answers }),
  });
  stages.push(stage);
  return stage;
}

function speak(deps: Deps, { context }: TestStage) {
  return gatedSpeech(deps).speak(['The deep sea glows.'], `${context.workDir}/speech`, context, context);
}

const SPEECH_GATE = `SELECT state, failures, probe FROM provider_state WHERE name = 'loopback-speech'`;
const CLOSING_OVER = `UPDATE provider_state SET state = 'closed', reason = 'away', closed_until = clock_timestamp()`;

const close = () => base.pool.query(`UPDATE provider_state SET state = 'closed', reason = 'no balance'`);

describe('speech', () => {
  test('that is closed is spoken on this machine, with a warning and an event that say so', async () => {
    const deps = await worker(BOTH);
    await close();
    const stage = await stageWith(3);
    const { by, files } = await speak(deps, stage);
    expect(files).toHaveLength(1);
    expect(by).not.toMatch(/alloy/);
    expect(openai.calls.speech).toBe(0);
    expect(stage.warnings).toEqual([
      {
        code: 'provider_fallback',
        message: expect.stringMatching(/\(alloy\) is closed \(.*no balance\): .+ was used$/),
      },
    ]);
    expect(await base.events.past(TEST_VIDEO_ID)).toContainEqual(
      expect.objectContaining({ type: 'provider.fallback', stage: 'script_generation', used: by }),
    );
  });

  test('that has used up its tries is spoken on this machine, one with tries left fails', async () => {
    const deps = await worker(BOTH);
    openai.outage(true);
    await expect(speak(deps, await stageWith(2))).rejects.toMatchObject({ kind: 'connection' });
    const last = await stageWith(1);
    expect((await speak(deps, last)).by).not.toMatch(/alloy/);
    expect(last.warnings[0]?.message).toMatch(/has used up its tries \(the connection to .* failed/);
    const asked = openai.calls.speech;
    expect((await speak(deps, await stageWith(0))).by).not.toMatch(/alloy/);
    expect(openai.calls.speech).toBe(asked);
  });

  test('without a fallback, or in a language that it lacks, is waited for', async () => {
    const closed = { kind: 'provider_closed', closed: { name: 'loopback-speech', until: null } };
    const without = await worker({});
    await close();
    await expect(speak(without, await stageWith(1))).rejects.toMatchObject(closed);
    const english = await worker(BOTH);
    await expect(speak(english, await stageWith(1, 'de'))).rejects.toMatchObject(closed);
    const command = await worker(BOTH, { ttsCommand: `node ${ENGINE} speak` });
    expect((await speak(command, await stageWith(1, 'de'))).by).toMatch(/^tts-command/);
  });
});

test('footage that fails at its last try becomes designed cards, and the status names them', async () => {
  const deps = await worker(BOTH);
  pexels.script('search', { status: 503 });
  const stage = await stageWith(1);
  const { result, providers } = await createMediaCollection(gatedFootage(deps))(stage.context);
  expect(result.scenes.map(({ kind }) => kind)).toEqual(['card']);
  expect(providers).toEqual({ footage: 'motion-cards' });
  expect(stage.warnings).toEqual([
    {
      code: 'provider_fallback',
      message: expect.stringMatching(/^pexels has used up its tries .*motion-cards was used/),
    },
  ]);
});

test('a fault of our own is nobody’s reason to fall back', async () => {
  const deps = await worker(BOTH);
  const stage = await stageWith(1);
  stage.context.pay = () => Promise.reject(Object.assign(new Error('away'), { code: '57P01' }));
  await expect(speak(deps, stage)).rejects.toMatchObject({ code: '57P01' });
  expect(stage.warnings).toEqual([]);
});

test('a cancelled call counts for nothing, whatever its end looks like', async () => {
  const deps = await worker({});
  openai.script('speech', ...Array.from({ length: 6 }, () => ({ hang: true })));
  for (let n = 0; n < 6; n += 1) {
    const stage = await stageWith(1);
    const speaking = speak(deps, stage);
    stage.abort(new DOMException('stopped', 'AbortError'));
    await expect(speaking).rejects.toThrow('stopped');
  }
  expect(await listProviders(deps)).toContainEqual(
    expect.objectContaining({ name: 'loopback-speech', state: 'open' }),
  );
});

test('what was made of stored answers alone neither opens the gate nor begins the count of failures anew', async () => {
  const deps = await worker({});
  const answers = new Map();
  const first = await stageWith(1, 'en', answers);
  await speak(deps, first);
  const again = async () => speak(deps, await first.again({ answers }));
  const gate = async () => (await base.pool.query(SPEECH_GATE)).rows[0];
  await base.pool.query('UPDATE provider_state SET failures = 4');
  await again();
  expect(await gate()).toMatchObject({ state: 'open', failures: 4 });
  await base.pool.query(CLOSING_OVER);
  await again();
  expect(openai.calls.speech).toBe(1);
  expect(await gate()).toEqual({ state: 'closed', failures: 4, probe: null });
  answers.clear();
  await again();
  expect(await gate()).toEqual({ state: 'open', failures: 0, probe: null });
});

test('hearing of words that is closed is not asked', async () => {
  const deps = await worker({});
  await close();
  const { context } = await stageWith(1);
  const request = { ...context, language: 'en' };
  const heard = gatedTranscriber(deps)?.hear('no.wav', 1_000, request, context);
  await expect(heard).rejects.toMatchObject({ kind: 'provider_closed' });
  expect(openai.calls.transcription).toBe(0);
});
