import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { download } from '../../../activities/footage/download.ts';
import { type FakePexels, startFakePexels } from '../../support/fakes/pexels.ts';

let fake: FakePexels;
let folder: string;
beforeAll(async () => {
  fake = await startFakePexels();
  folder = await mkdtemp(join(tmpdir(), 'ytempire-download-'));
});
afterAll(async () => {
  await fake.close();
  await rm(folder, { recursive: true });
});

const rules = { hosts: ['127.0.0.1'], signal: new AbortController().signal };
const target = () => join(folder, 'clip.mp4');
const clipUrl = () => `${fake.url}/files/waves/1.mp4`;

test.each([
  [
    'a host that is not allowed',
    'https://elsewhere.example/a.mp4',
    /elsewhere.example is not among FOOTAGE_HOSTS/,
  ],
  ['a lookalike of an allowed host', 'https://127.0.0.1.example/a.mp4', /not among/],
  ['an allowed host in the place of a user name', 'https://127.0.0.1@elsewhere.example/a.mp4', /not among/],
  ['plain http to another machine', 'http://videos.pexels.com/a.mp4', /not https/],
  ['a file of this machine', 'file:///etc/hostname', /not among/],
  ['no address', 'clip.mp4', /not an address/],
])('%s is refused without a call', async (_, url, message) => {
  const calls = fake.calls.file;
  const hosts = [...rules.hosts, 'videos.pexels.com'];
  await expect(download(url, target(), { ...rules, hosts })).rejects.toThrow(message);
  expect(fake.calls.file).toBe(calls);
});

test('a redirect to another host is refused, even to one that is allowed', async () => {
  const location = `http://localhost:${new URL(fake.url).port}/files/waves/1.mp4`;
  fake.script('file', { status: 302, headers: { location } });
  const calls = fake.calls.file;
  const refused = download(clipUrl(), target(), { ...rules, hosts: ['127.0.0.1', 'localhost'] });
  await expect(refused).rejects.toThrow(/redirected to another host: localhost/);
  expect(fake.calls.file).toBe(calls + 1);
});

test('a redirect on the same host is followed, but not for ever', async () => {
  const moved = { status: 302, headers: { location: '/files/waves/2.mp4' } };
  fake.script('file', moved);
  const { bytes, sha256 } = await download(clipUrl(), target(), rules);
  expect(bytes).toBeGreaterThan(1000);
  expect(sha256).toMatch(/^[0-9a-f]{64}$/);
  await rm(target());
  fake.script('file', moved, moved, moved, moved);
  await expect(download(clipUrl(), target(), rules)).rejects.toThrow('too many redirects');
});

test('a file above the limit is refused, and nothing of it stays', async () => {
  await expect(download(clipUrl(), target(), { ...rules, maxBytes: 500 })).rejects.toThrow(/larger than/);
  expect(await readdir(folder)).toEqual([]);
});

test('a download that takes too long is given up', async () => {
  fake.script('file', 'hang');
  await expect(download(clipUrl(), target(), { ...rules, timeoutMs: 100 })).rejects.toThrow(
    /longer than 0.1 s/,
  );
  expect(await readdir(folder)).toEqual([]);
});

test('a download that stalls is given up', async () => {
  fake.script('file', 'hang');
  await expect(download(clipUrl(), target(), { ...rules, stallMs: 100 })).rejects.toThrow(
    'no data came for 0.1 s',
  );
});
