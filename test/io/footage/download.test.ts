import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { type AddressInfo, createServer, isIP, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { download } from '../../../activities/footage/download.ts';
import { ClipRefused } from '../../../activities/footage/refused.ts';
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

test('a redirect is followed to an allowed host alone', async () => {
  const location = `http://localhost:${new URL(fake.url).port}/files/waves/1.mp4`;
  fake.script('file', { status: 302, headers: { location } });
  await download(clipUrl(), target(), { ...rules, hosts: ['127.0.0.1', 'localhost'] });
  await rm(target());
  fake.script('file', { status: 302, headers: { location } });
  const calls = fake.calls.file;
  await expect(download(clipUrl(), target(), rules)).rejects.toThrow(
    'redirected to another host: localhost is not among FOOTAGE_HOSTS',
  );
  expect(fake.calls.file).toBe(calls + 1);
});

test.each([
  'http://169.254.169.254/latest',
  'https://10.0.0.7/a.mp4',
  'https://[fd00::1]/a.mp4',
  'file:///etc/passwd',
])('a redirect to %s is refused, even where the operator allows its host', async (location) => {
  fake.script('file', { status: 302, headers: { location } });
  const hosts = ['127.0.0.1', '169.254.169.254', '10.0.0.7', '[fd00::1]', ''];
  await expect(download(clipUrl(), target(), { ...rules, hosts })).rejects.toThrow(
    /private address|not https/,
  );
});

describe('a name of an allowed host', () => {
  let server: Server;
  let connections = 0;
  beforeAll(async () => {
    server = createServer(() => {
      connections += 1;
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  afterAll(() => server.close());

  const named = (...addresses: string[]) => {
    const { port } = server.address() as AddressInfo;
    const resolve = async () => addresses.map((address) => ({ address, family: isIP(address) }));
    const hosts = ['videos.pexels.com'];
    return download(`https://videos.pexels.com:${port}/a.mp4`, target(), { ...rules, hosts, resolve });
  };

  test.each([
    ['this machine', ['127.0.0.1']],
    ['this machine, as IPv6 writes it', ['::ffff:127.0.0.1']],
    ['this machine beside a public address', ['93.184.215.14', '127.0.0.1']],
    ['the metadata service of a cloud', ['169.254.169.254']],
    ['the local network', ['192.168.1.10']],
    ['the local network of IPv6', ['fd12::1']],
  ])('that leads to %s is refused before a connection is made', async (_, addresses) => {
    await expect(named(...addresses)).rejects.toThrow(/leads to the private address/);
    expect(connections).toBe(0);
  });

  test('that leads nowhere is a clip less, not a failed stage', async () => {
    await expect(named()).rejects.toThrow(ClipRefused);
  });
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

test('what calls itself a video and does not begin as one is refused at its first bytes', async () => {
  for (const body of ['<!doctype html><p>Sign in', '#EXTM3U\nfile:///etc/passwd', 'GIF']) {
    fake.script('file', { status: 200, headers: { 'content-type': 'video/mp4' }, body });
    await expect(download(clipUrl(), target(), rules)).rejects.toThrow('does not begin as an MP4 does');
  }
  expect(await readdir(folder)).toEqual([]);
});
