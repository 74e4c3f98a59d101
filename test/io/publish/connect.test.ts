import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { runYouTubeCommand } from '../../../cli/youtube.ts';
import { listChannels, refreshTokenOf } from '../../../infra/publish/channels.ts';
import { openTokenBox } from '../../../infra/publish/token-box.ts';
import { type FakeYouTube, startFakeYouTube } from '../../support/fakes/youtube.ts';
import { YOUTUBE_SECRETS, youtubeSettings } from '../../support/publishing.ts';
import { createTestDeps, type TestDeps } from '../../support/test-deps.ts';

let youtube: FakeYouTube;
let deps: TestDeps;

beforeAll(async () => {
  youtube = await startFakeYouTube();
  deps = await createTestDeps({ youtube: youtubeSettings(youtube) });
  deps.secrets = { ...YOUTUBE_SECRETS, youtubeTokenKey: null };
});
afterAll(async () => {
  await deps.close();
  await youtube.close();
});
beforeEach(() => deps.pool.query('DELETE FROM youtube_channels'));

/** Runs the command, with somebody who opens the page that it shows. */
async function run(args: string[], browse: (url: string) => Promise<unknown> = (url) => fetch(url)) {
  let said = '';
  const out = {
    write: (text: string) => {
      said += text;
      const url = /http\S+auth\?\S+/.exec(text)?.[0];
      if (url !== undefined) void browse(url);
    },
  };
  const code = await runYouTubeCommand(
    args,
    async () => ({ ...deps, close: async () => undefined }),
    out,
    out,
  );
  return { code, said };
}

test('an account is connected by consent in the browser, and its token is sealed', async () => {
  const { code, said } = await run(['connect', '--channel', 'news']);
  expect(said).toContain('"news" is connected with "A fake channel" (UCfake)');
  expect(code).toBe(0);
  expect(said).toContain('code_challenge_method=S256');
  const box = await openTokenBox(deps);
  expect(youtube.grant.refresh).toContain(await refreshTokenOf(deps.pool, box, 'news'));
  const { rows } = await deps.pool.query('SELECT * FROM youtube_channels');
  expect(JSON.stringify(rows)).not.toContain('refresh-');
  expect((await stat(join(deps.config.dataDir, 'youtube-token.key'))).mode & 0o777).toBe(0o600);
  expect((await run(['channels'])).said).toMatch(/^news {2}"A fake channel" \(UCfake\)/);
});

test('an answer with another state connects nothing, and a refusal is told', async () => {
  const { code, said } = await run(['connect'], async (url) => {
    const query = new URL(url).searchParams;
    const back = query.get('redirect_uri');
    expect((await fetch(`${back}?code=stolen&state=guessed`)).status).toBe(404);
    await fetch(`${back}?error=access_denied&state=${query.get('state')}`);
  });
  expect({ code, said }).toMatchObject({ code: 1, said: expect.stringContaining('access_denied') });
  expect(await listChannels(deps.pool)).toEqual([]);
});

test('a disconnected account is taken back at Google and forgotten', async () => {
  await run(['connect']);
  const before = youtube.grant.refresh.length;
  expect(await run(['disconnect'])).toMatchObject({ code: 0 });
  expect(youtube.grant.refresh).toHaveLength(before - 1);
  expect(await listChannels(deps.pool)).toEqual([]);
  expect(await run(['disconnect'])).toMatchObject({ code: 1 });
});

test('a sealed token opens neither with another key nor for another channel', async () => {
  await run(['connect', '--channel', 'a']);
  const other = await openTokenBox({ ...deps, secrets: { youtubeTokenKey: 'cd'.repeat(32) } });
  await expect(refreshTokenOf(deps.pool, other, 'a')).rejects.toThrow('connect the channel again');
  await deps.pool.query(`UPDATE youtube_channels SET channel_id = 'b'`);
  await expect(refreshTokenOf(deps.pool, await openTokenBox(deps), 'b')).rejects.toThrow('another key');
});

test.each([[[]], [['connect', 'twice']], [['sell']], [['connect', '--channel', '']]])(
  '%j is bad input',
  async (args) => {
    expect(await run(args)).toMatchObject({ code: 2, said: expect.stringContaining('youtube connect') });
  },
);

test('without an OAuth client the command says what to set', async () => {
  const youtubeUnset = { ...deps.config.youtube, clientId: null };
  let said = '';
  const out = { write: (text: string) => (said += text) };
  const parts = { ...deps, config: { ...deps.config, youtube: youtubeUnset }, close: async () => undefined };
  expect(await runYouTubeCommand(['connect'], async () => parts, out, out)).toBe(1);
  expect(said).toContain('YOUTUBE_CLIENT_ID');
});
