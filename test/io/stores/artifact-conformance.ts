import { createHash } from 'node:crypto';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import type { ArtifactStore } from '../../../infra/artifacts/store.ts';
import { tempFolders } from '../../support/temp-folders.ts';

/** A kind of store, opened on several machines. */
export interface StoreUnderTest {
  /** Opens the store as another machine would, whose disk holds none of its files. */
  elsewhere(): ArtifactStore;
  /** Changes the bytes of a stored file behind the store's back. */
  damage(key: string, bytes: Buffer): Promise<void>;
  /** Keys of all that is stored, half-written files included. */
  keys(): Promise<string[]>;
}

const REFUSED = ['../out', 'a/../../out', '/etc/passwd', 'a//b', '', '.', 'a\0b', 'a\\..\\b'];
/** Larger than what a bucket is sent in one piece. */
const LARGE_BYTES = 20 * 1024 ** 2 + 17;

/** What every store has to do, whatever it is made of. `under` is asked when a test runs. */
export function describeStore(kind: string, under: () => StoreUnderTest): void {
  const folders = tempFolders('ytempire-conformance-');
  const aFile = async (content: string | Buffer) => {
    const path = join(folders(), 'file');
    await writeFile(path, content);
    return path;
  };

  test(`${kind}: a file that was put is opened on every machine, readable by all, with its hash and size`, async () => {
    const maker = under().elsewhere();
    const ref = await maker.put(await aFile('hello'), 'v1/run-1/file.txt');
    expect(ref).toEqual({ key: 'v1/run-1/file.txt', sha256: sha256('hello'), bytes: 5 });
    for (const store of [maker, under().elsewhere()]) {
      const path = await store.open(ref);
      expect(await readFile(path, 'utf8')).toBe('hello');
      expect((await stat(path)).mode & 0o777).toBe(0o644);
    }
  });

  test(`${kind}: large, empty and oddly named files come back as they were`, async () => {
    const large = Buffer.alloc(LARGE_BYTES, 'film');
    for (const [key, content] of [
      ['v2/large.mp4', large],
      ['v2/empty', Buffer.alloc(0)],
      [`v2/a b+c&d'(e)*!~ä%20=<f>.txt`, Buffer.from('odd')],
    ] as const) {
      const ref = await under()
        .elsewhere()
        .put(await aFile(content), key);
      expect(ref).toEqual({ key, sha256: sha256(content), bytes: content.length });
      const path = await under().elsewhere().open(ref);
      expect((await readFile(path)).equals(content), key).toBe(true);
    }
  });

  test(`${kind}: a part of a file is read without the rest`, async () => {
    const store = under().elsewhere();
    await store.put(await aFile('0123456789'), 'v3/file');
    const reader = under().elsewhere();
    expect(await reader.sizeAt('v3/file')).toBe(10);
    expect(await reader.sizeAt('v3/none')).toBeNull();
    expect((await buffer(reader.read('v3/file', { first: 3, last: 5 }))).toString()).toBe('345');
    expect((await buffer(reader.read('v3/file', { first: 0, last: 9 }))).toString()).toBe('0123456789');
  });

  test(`${kind}: a changed, shortened or missing file is an infrastructure error that names it`, async () => {
    const ref = await under()
      .elsewhere()
      .put(await aFile('hello'), 'v4/file.txt');
    for (const other of ['hellO', 'hel']) {
      await under().damage(ref.key, Buffer.from(other));
      const opened = under().elsewhere().open(ref);
      await expect(opened).rejects.toThrow('artifact v4/file.txt is not the file that was stored');
      await expect(opened).rejects.toMatchObject({ kind: 'infrastructure' });
    }
    await under().elsewhere().remove('v4/');
    await expect(under().elsewhere().open(ref)).rejects.toThrow('artifact v4/file.txt is missing');
  });

  test(`${kind}: what lies at a key is found from every machine, and no longer once any has removed it`, async () => {
    const [maker, other] = [under().elsewhere(), under().elsewhere()];
    expect(await other.find('v5/kept/one')).toBeNull();
    await maker.put(await aFile('first'), 'v5/kept/one');
    expect(await readFile((await other.find('v5/kept/one')) ?? '', 'utf8')).toBe('first');
    await maker.put(await aFile('second'), 'v5/kept/one');
    expect(await readFile((await other.find('v5/kept/one')) ?? '', 'utf8')).toBe('second');
    await other.remove('v5/kept/');
    expect(await maker.find('v5/kept/one')).toBeNull();
  });

  test(`${kind}: a folder goes with all below it, and its neighbours stay`, async () => {
    const store = under().elsewhere();
    const names = Array.from({ length: 8 }, (_, at) => `v6/deep/${at}`);
    for (const key of [...names, 'v6/deeper', 'v66']) await store.put(await aFile(key), key);
    await store.remove('v6/deep');
    await store.remove('v6/none');
    expect(await store.find('v6/deeper')).not.toBeNull();
    await store.remove('v6');
    expect((await under().keys()).filter((key) => /^v6/.test(key))).toEqual(['v66']);
    await store.remove('v66');
    expect(await store.find('v66')).toBeNull();
  });

  test(`${kind}: a file that cannot be read leaves nothing in the store`, async () => {
    const store = under().elsewhere();
    await expect(store.put(join(folders(), 'none'), 'v7/none')).rejects.toThrow('ENOENT');
    expect(await store.sizeAt('v7/none')).toBeNull();
    expect((await under().keys()).filter((key) => key.includes('v7') || key.startsWith('.parts/'))).toEqual(
      [],
    );
  });

  test(`${kind}: a stopped put leaves nothing, and a stopped open neither`, async () => {
    const path = await aFile(Buffer.alloc(LARGE_BYTES));
    const stopped = AbortSignal.abort(new Error('the video was stopped'));
    await expect(under().elsewhere().put(path, 'v8/file', stopped)).rejects.toThrow('the video was stopped');
    expect((await under().keys()).filter((key) => key.includes('v8') || key.startsWith('.parts/'))).toEqual(
      [],
    );
  });

  test.each(REFUSED)(`${kind}: the key %j is refused`, async (key) => {
    const store = under().elsewhere();
    const path = await aFile('x');
    await expect(async () => store.put(path, key)).rejects.toThrow('not a key');
    await expect(async () => store.find(key)).rejects.toThrow('not a key');
    await expect(async () => store.remove(key)).rejects.toThrow('not a key');
    await expect(async () => buffer(store.read(key, { first: 0, last: 1 }))).rejects.toThrow('not a key');
  });

  test(`${kind}: the marker of a store is made once, whoever asks first`, async () => {
    const markers = await Promise.all(Array.from({ length: 8 }, () => under().elsewhere().marker()));
    expect(new Set(markers).size).toBe(1);
    expect(markers[0]).toMatch(/^[0-9a-f-]{36}$/);
  });

  test(`${kind}: eight writers of one key leave one of their files, whole`, async () => {
    const contents = Array.from({ length: 8 }, (_, at) => String(at).repeat(100_000));
    const refs = await Promise.all(
      contents.map(async (content) =>
        under()
          .elsewhere()
          .put(await aFile(content), 'v9/one'),
      ),
    );
    const found = await readFile((await under().elsewhere().find('v9/one')) ?? '');
    expect(refs.map((ref) => ref.sha256)).toContain(sha256(found));
  });

  test(`${kind}: free bytes are those of a disk of this machine`, async () => {
    expect(await under().elsewhere().freeBytes()).toBeGreaterThan(1_000_000);
  });
}

function sha256(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}
