import { readdir } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ClipKind } from '../../support/fakes/pexels-clips.ts';
import { aScript, type FootageWorld, footageOf, openFootageWorld } from './footage-world.ts';

let world: FootageWorld;
beforeAll(async () => {
  world = await openFootageWorld();
});
afterAll(() => world.close());

describe('a clip that cannot be used gives way to the next one, with a warning', () => {
  test('whatever is wrong with it: the scene is mended', async () => {
    const bad: [ClipKind, RegExp][] = [
      ['truncated', /cannot be read/],
      ['truncated-front', /cut off: \d+ of 120 frames|cannot be read/],
      ['audio-only', /no picture/],
      ['html', /does not begin as an MP4 does/],
      ['empty', /empty/],
      ['short', /500 ms/],
      ['oversized', /4608x256/],
      ['playlist', /does not begin as an MP4 does/],
    ];
    const offers = bad.map(([clip], i) => ({ clip, id: i + 1 }));
    world.fake.offer('bad', [...offers.slice(0, 4), { clip: 'landscape' }]);
    world.fake.offer('worse', [...offers.slice(4), { clip: 'waves' }]);
    const { scenes, stage } = await world.collect(aScript(['bad', 'worse']));
    expect(footageOf(scenes[0]).clips).toHaveLength(2);
    expect(stage.warnings).toHaveLength(bad.length);
    for (const [i, [, reason]] of bad.entries()) {
      const told = stage.warnings.find(({ message }) => message.startsWith(`clip ${i + 1} of scene 1 `));
      expect(told).toEqual({ code: 'footage_clip', message: expect.stringMatching(reason) });
      expect(told?.message).not.toContain(stage.root);
    }
  });

  test('a list of other files and another container, too', async () => {
    world.fake.offer('list', [{ clip: 'hls' }, { clip: 'landscape' }]);
    world.fake.offer('container', [{ clip: 'matroska' }, { clip: 'waves' }]);
    const { scenes, stage } = await world.collect(aScript(['list', 'container']));
    expect(footageOf(scenes[0]).clips).toHaveLength(2);
    expect(stage.warnings.map(({ message }) => message)).toEqual([
      expect.stringContaining('does not begin as an MP4 does'),
      expect.stringContaining('does not begin as an MP4 does'),
    ]);
  });

  test('a refused, broken, foreign or wrongly typed download too', async () => {
    const { fake } = world;
    fake.offer(
      'broken',
      Array.from({ length: 5 }, () => ({ clip: 'waves' })),
    );
    fake.offer('also broken', [{ clip: 'waves', link: 'https://elsewhere.example/clip.mp4' }]);
    const html = { 'content-type': 'text/html' };
    fake.script('file', { status: 404 }, 'reset', { status: 200, headers: html, body: '<p>Sign in' });
    const { scenes, stage } = await world.collect(aScript(['broken', 'also broken']));
    expect(footageOf(scenes[0]).clips).toHaveLength(2);
    const told = stage.warnings.map(({ message }) => message).join('\n');
    for (const part of [
      'status 404',
      'broke off',
      'no video but text/html',
      'elsewhere.example is not among',
    ]) {
      expect(told).toContain(part);
    }
  });

  test('a video that exists in 8K alone is not chosen', async () => {
    world.fake.offer('eight', [{ clip: 'waves', sizes: [[7680, 4320]] }, { clip: 'landscape' }]);
    const before = world.fake.paths.length;
    const { scenes } = await world.collect(aScript(['eight', 'eight']));
    expect(footageOf(scenes[0]).clips.length).toBeGreaterThan(0);
    expect(world.fake.paths.slice(before).join(' ')).not.toContain('7680');
  });

  test('a scene whose clips are all bad shows its card', async () => {
    for (const term of ['ruin', 'wreck']) world.fake.offer(term, [{ clip: 'html' }, { clip: 'empty' }]);
    const { scenes, stage } = await world.collect(aScript(['ruin', 'wreck']));
    expect(scenes[0]?.kind).toBe('card');
    const codes = stage.warnings.map(({ code }) => code);
    expect(codes).toEqual([...Array(4).fill('footage_clip'), 'footage_card']);
  });
});

test('when the time is up the scenes that are left show their cards, with one warning for it', async () => {
  const { calls } = world.fake;
  const before = { ...calls };
  const provider = world.provider({ collectForMs: 0 });
  const { scenes, stage } = await world.collect(aScript(['late'], ['later']), { provider });
  expect(scenes.map(({ kind }) => kind)).toEqual(['card', 'card']);
  expect(stage.warnings.map(({ code }) => code)).toEqual(['footage_slow', 'footage_card', 'footage_card']);
  expect(calls).toEqual(before);
});

test('an unusual clip is taken for what it is', async () => {
  const odd: [ClipKind, object][] = [
    ['rotated', { width: 360, height: 640 }],
    ['portrait', { width: 360, height: 640, fps: 25 }],
    ['variable-rate', { fps: 0 }],
    ['fps60', { fps: 60, colorSpace: 'bt709' }],
    ['uhd', { width: 3840, height: 2160 }],
    ['bt601', { colorSpace: null }],
  ];
  const offers = odd.map(([clip], i) => ({ clip, id: 100 + i, duration: 1 }));
  world.fake.offer('odd', offers.slice(0, 3));
  world.fake.offer('odder', offers.slice(3));
  // Spoken for longer than all six clips last.
  const script = aScript(['odd', 'odder']);
  for (const scene of script.scenes) scene.sentences = Array(4).fill(scene.sentences[0]);
  const { scenes, stage } = await world.collect(script);
  const { clips } = footageOf(scenes[0]);
  for (const [i, [, facts]] of odd.entries()) {
    expect(clips.find(({ licence }) => licence.id === String(100 + i))).toMatchObject(facts);
  }
  expect(stage.warnings).toEqual([]);
});

describe('a search that fails ends in one clear error', () => {
  test.each([
    ['a refused key', { status: 401 }, 'provider_account', /^Pexels refused the key: set PEXELS_API_KEY$/],
    ['a forbidden key', { status: 403 }, 'provider_account', /PEXELS_API_KEY/],
    ['too many searches', { status: 429, headers: { 'retry-after': '90' } }, 'rate_limited', /429/],
    ['a month that is used up', { status: 429, headers: { 'x-ratelimit-remaining': '0' } }, 'quota', /month/],
    ['a broken server', { status: 503 }, 'server_error', /503/],
    [
      'an answer that is no JSON',
      { status: 200, body: '{"videos": [' },
      'invalid_response',
      /not understood/,
    ],
    ['an answer of another shape', { status: 200, body: '{"photos": []}' }, 'invalid_response', /videos/],
    ['a lost connection', 'reset', 'connection', /could not be reached/],
    ['a server that hangs', 'hang', 'timeout', /within 2 s/],
  ] as const)('%s', async (name, reply, kind, message) => {
    world.fake.script('search', reply);
    const provider = world.provider({ searchTimeoutMs: reply === 'hang' ? 2_000 : 30_000 });
    const stage = await world.stage(aScript([name]));
    const { context } = stage;
    const failed = provider.collect(aScript([name]), context.order, { ...context, onScene: () => {} });
    await expect(failed).rejects.toMatchObject({
      name: 'StageError',
      kind,
      message: expect.stringMatching(message),
    });
    // An error status is not billed; of an answer that broke off nobody knows.
    const billed = typeof reply === 'string' || reply.status === 200;
    expect(stage.charges.map(({ quantity }) => quantity)).toEqual(billed ? [1] : []);
  });

  const inSeconds = (seconds: number) => Math.floor(Date.now() / 1000) + seconds;
  test.each([
    ['Retry-After in seconds', () => ({ 'retry-after': '90' }), 90_000],
    [
      'Retry-After as a date',
      () => ({ 'retry-after': new Date(Date.now() + 600_000).toUTCString() }),
      600_000,
    ],
    ['X-Ratelimit-Reset', () => ({ 'x-ratelimit-reset': String(inSeconds(1800)) }), 1_800_000],
    ['an hour of a longer wait', () => ({ 'x-ratelimit-reset': String(inSeconds(90_000)) }), 3_600_000],
  ] as const)('the wait that Pexels asks for is kept: %s', async (name, headers, waitMs) => {
    world.fake.script('search', { status: 429, headers: headers() });
    const error = await world.collect(aScript([name])).catch((thrown) => thrown);
    expect(error.retryAfterMs).toBeGreaterThan(waitMs - 20_000);
    expect(error.retryAfterMs).toBeLessThanOrEqual(waitMs);
  });

  test('no key at all is a refused key', async () => {
    const failed = world.collect(aScript(['keyless']), { provider: world.provider({ key: null }) });
    await expect(failed).rejects.toThrow('Pexels refused the key: set PEXELS_API_KEY');
  });
});

test('a cancel ends the download under way and leaves no part of it', async () => {
  const { fake } = world;
  fake.offer('slow', [{ clip: 'landscape' }]);
  fake.script('file', 'hang');
  const stage = await world.stage(aScript(['slow', 'slow']));
  const { context } = stage;
  const before = fake.calls.file;
  const collecting = world
    .provider()
    .collect(aScript(['slow', 'slow']), context.order, { ...context, onScene: () => {} });
  const ended = expect(collecting).rejects.toThrow('cancelled by the test');
  await expect.poll(() => fake.calls.file).toBe(before + 1);
  stage.abort();
  await ended;
  expect(await readdir(context.workDir)).toEqual([]);
});
