import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterAll, afterEach, expect, test } from 'vitest';
import { FakeS3, S3_SECRETS, type S3Request } from '../../support/fakes/s3.ts';
import { bucketOf, s3Machines } from '../../support/s3-stores.ts';
import { tempFolders } from '../../support/temp-folders.ts';
import { describeStore } from './artifact-conformance.ts';

const MB = 1024 ** 2;
const fake = await FakeS3.start();
const open = await s3Machines();
const machine = () => open(bucketOf(fake));
const folders = tempFolders('ytempire-s3-files-');

afterAll(() => fake.close());
afterEach(() => {
  fake.mishap = () => null;
  fake.bucketIsThere = true;
  fake.uploads.clear();
});

const PREFIX = 'films/one/';

describeStore('s3', () => ({
  elsewhere: machine,
  damage: async (key, body) => {
    const object = fake.objects.get(PREFIX + key);
    fake.objects.set(PREFIX + key, { body, headers: object?.headers ?? {} });
  },
  keys: async () =>
    [...fake.objects.keys(), ...[...fake.uploads.values()].map(({ key }) => key)].map((key) =>
      key.slice(PREFIX.length),
    ),
}));

async function aFile(content: string | Buffer): Promise<string> {
  const path = join(folders(), 'file');
  await writeFile(path, content);
  return path;
}

const isPart = ({ method, query }: S3Request) => method === 'PUT' && query.has('partNumber');
const isGet = ({ method }: S3Request) => method === 'GET';

/** The mishap befalls the first `times` requests that fit. */
function befall(
  times: number,
  fits: (request: S3Request) => boolean,
  mishap: ReturnType<FakeS3['mishap']>,
): void {
  let left = times;
  fake.mishap = (request) => {
    if (left === 0 || !fits(request)) return null;
    left -= 1;
    return mishap;
  };
}

test('what a machine has made it never fetches, and what it has fetched it fetches once', async () => {
  const [maker, reader] = [machine(), machine()];
  const ref = await maker.put(await aFile('film'), 'cached/film');
  const before = fake.requests.filter(isGet).length;
  await maker.open(ref);
  await reader.open(ref);
  await reader.open(ref);
  expect(fake.requests.filter(isGet).length - before).toBe(1);
});

test('a cached file that was changed on the disk is fetched again', async () => {
  const store = machine();
  const ref = await store.put(await aFile('film'), 'cached/changed');
  await writeFile(join(store.root, ref.key), 'FILM');
  expect((await buffer(store.read(ref.key, { first: 0, last: 3 }))).toString()).toBe('film');
  expect(await readFile(await store.open(ref), 'utf8')).toBe('film');
});

test.each([
  ['answers with 503', { status: 503, code: 'SlowDown' }],
  ['answers too slowly', { status: 400, code: 'RequestTimeout' }],
  ['does it and loses the answer', 'unheard'],
] as const)('a part is sent again, and no other, when the server %s', async (_, mishap) => {
  befall(2, isPart, mishap);
  const from = fake.requests.length;
  const content = Buffer.alloc(20 * MB, 'part');
  const ref = await machine().put(await aFile(content), 'parts/film');
  const parts = fake.requests.slice(from).filter(isPart);
  expect(parts.length).toBe(3 + 2);
  expect(fake.objects.get(`${PREFIX}parts/film`)?.body.equals(content)).toBe(true);
  expect(ref.bytes).toBe(content.length);
});

test('an upload whose last answer is lost is found to be complete', async () => {
  befall(1, ({ method, query }) => method === 'POST' && query.has('uploadId'), 'unheard');
  const ref = await machine().put(await aFile(Buffer.alloc(9 * MB)), 'parts/last');
  await expect(machine().open(ref)).resolves.toContain('parts/last');
});

test('a download that breaks off goes on where it was', async () => {
  const content = Buffer.from(Array.from({ length: 2 * MB }, (_, at) => at % 251));
  const ref = await machine().put(await aFile(content), 'down/film');
  befall(3, isGet, { cutAfter: 300_000 });
  const from = fake.requests.length;
  expect((await buffer(machine().read(ref.key, { first: 0, last: ref.bytes - 1 }))).equals(content)).toBe(
    true,
  );
  const starts = fake.requests
    .slice(from)
    .map(({ headers }) => Number(/=(\d+)/.exec(headers.range ?? '')?.[1]));
  expect(starts).toHaveLength(4);
  expect([...starts].sort((a, b) => a - b)).toEqual(starts);
  expect(starts[1]).toBeGreaterThan(0);
});

test('a file that is replaced while it is read is told, and never put together of both', async () => {
  const ref = await machine().put(await aFile(Buffer.alloc(MB, 'a')), 'down/replaced');
  befall(1, isGet, { cutAfter: 100_000 });
  const before = fake.mishap;
  fake.mishap = (request) => {
    const mishap = before(request);
    if (isGet(request) && mishap === null) {
      fake.objects.set(`${PREFIX}down/replaced`, { body: Buffer.alloc(MB, 'b'), headers: {} });
    }
    return mishap;
  };
  await expect(machine().open(ref)).rejects.toThrow('down/replaced is not the file that was stored');
});

test('a bucket that disappears in mid-upload is an infrastructure error, and nothing is left', async () => {
  const store = machine();
  fake.mishap = (request) => {
    if (isPart(request) && request.query.get('partNumber') === '2') fake.bucketIsThere = false;
    return null;
  };
  const putting = store.put(await aFile(Buffer.alloc(20 * MB)), 'gone/film');
  await expect(putting).rejects.toMatchObject({ kind: 'infrastructure', code: 'NoSuchBucket' });
  await expect(store.find('gone/film')).rejects.toThrow('there is no such bucket');
  await expect(store.sizeAt('gone/film')).rejects.toThrow('there is no such bucket');
});

test('an upload that fails for good is ended, so that no parts are left to pay for', async () => {
  fake.mishap = (request) => (isPart(request) ? { status: 500 } : null);
  await expect(machine().put(await aFile(Buffer.alloc(20 * MB)), 'failed/film')).rejects.toMatchObject({
    kind: 'infrastructure',
    status: 500,
  });
  expect(fake.uploads.size).toBe(0);
  expect(await machine().find('failed/film')).toBeNull();
});

test('a stop in mid-upload ends the upload within the call', async () => {
  const stop = new AbortController();
  fake.mishap = (request) => {
    if (!isPart(request)) return null;
    stop.abort(new Error('the video was stopped'));
    return 'silent';
  };
  const putting = machine().put(await aFile(Buffer.alloc(20 * MB)), 'stopped/film', stop.signal);
  await expect(putting).rejects.toThrow('the video was stopped');
  expect(fake.uploads.size).toBe(0);
});

test('a stop in mid-download leaves nothing in the cache', async () => {
  const ref = await machine().put(await aFile(Buffer.alloc(MB)), 'stopped/down');
  const stop = new AbortController();
  fake.mishap = () => {
    stop.abort(new Error('the video was stopped'));
    return 'silent';
  };
  await expect(machine().open(ref, stop.signal)).rejects.toThrow('the video was stopped');
});

test('uploads that killed processes left are ended after an hour', async () => {
  const [old, fresh] = [Date.now() - 2 * 3_600_000, Date.now()];
  for (const [id, begunAtMs] of [
    ['old', old],
    ['fresh', fresh],
  ] as const) {
    fake.uploads.set(id, { key: `${PREFIX}left/film`, headers: {}, parts: new Map(), begunAtMs });
  }
  expect(await machine().removeParts()).toBe(1);
  expect([...fake.uploads.keys()]).toEqual(['fresh']);
});

test.each([
  ['a wrong secret', { ...S3_SECRETS, s3Secret: 'wrong' }, /the key is wrong.*403 SignatureDoesNotMatch/],
  ['an unknown key', { ...S3_SECRETS, s3KeyId: 'AKIANOBODY' }, /the key is wrong.*403 InvalidAccessKeyId/],
])('%s is refused at the first question, with what to check', async (_, secrets, message) => {
  const store = open(bucketOf(fake), { secrets });
  await expect(store.marker()).rejects.toThrow(message);
  await expect(store.marker()).rejects.toThrow('AWS_SECRET_ACCESS_KEY');
});

test('a missing bucket and a server that is away are told apart', async () => {
  await expect(open({ ...bucketOf(fake), name: 'other' }).marker()).rejects.toThrow(
    'there is no such bucket',
  );
  const away = { ...bucketOf(fake), endpoint: 'http://127.0.0.1:1' };
  await expect(open(away).marker()).rejects.toThrow(/cannot be reached \(.+\)/);
  await expect(open(away).marker()).rejects.toMatchObject({ kind: 'infrastructure', passing: true });
});

test('a store in a bucket is not opened without keys', () => {
  const secrets = { ...S3_SECRETS, s3Secret: null };
  expect(() => open(bucketOf(fake), { secrets })).toThrow('AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY');
});

test('two prefixes of one bucket are two stores', async () => {
  const [one, other] = [machine(), open(bucketOf(fake, ['films', 'other']))];
  await one.put(await aFile('x'), 'prefix/file');
  expect(await other.find('prefix/file')).toBeNull();
  expect(await one.marker()).not.toBe(await other.marker());
});

test('files that another program has copied into the bucket are opened and read, and kept ones are told', async () => {
  const body = Buffer.from('copied');
  fake.objects.set(`${PREFIX}moved/film`, { body, headers: {} });
  const ref = { key: 'moved/film', sha256: createHash('sha256').update(body).digest('hex'), bytes: 6 };
  expect(await readFile(await machine().open(ref), 'utf8')).toBe('copied');
  expect(await machine().sizeAt(ref.key)).toBe(6);
  await expect(machine().find(ref.key)).rejects.toThrow('without its hash');
});
