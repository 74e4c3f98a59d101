import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openArtifacts } from '../../../infra/artifacts/store.ts';
import { adaptToStore } from '../../../infra/backup/adapt.ts';
import { restoreBackup } from '../../../infra/backup/restore-backup.ts';
import { writeBackup } from '../../../infra/backup/write-backup.ts';
import { recordExternalCharge } from '../../../infra/money/ledger.ts';
import { submitOrder } from '../../../infra/queue/orders.ts';
import type { Config } from '../../../infra/settings/config.ts';
import { NO_SECRETS } from '../../../infra/settings/secrets.ts';
import { openPool } from '../../../infra/stores/postgres.ts';
import { contents, schemaExists } from '../../support/schema-contents.ts';
import { endRow, storePackage } from '../../support/scripted-video.ts';
import { tempFolders } from '../../support/temp-folders.ts';
import { anOrder, createTestDeps, registerPlaces, testConfig } from '../../support/test-deps.ts';

const ODD = 'Łódź \u{1f3ac} "quotes" \\N \\ back\nslash\ttab, {"json": null} \u2028';
const deps = await createTestDeps();
const folders = tempFolders('ytempire-backup-');
const made: Config[] = [];
const asIs = async () => undefined;
let path: string;

afterAll(async () => {
  for (const { schema, dataDir } of made) {
    await deps.pool.query(`DROP SCHEMA IF EXISTS ${schema} CASCADE`);
    await rm(dataDir, { recursive: true, force: true });
  }
  await deps.close();
});

/** A queued, a processing and an ended video with money, results, errors, and values that are hard to write down. */
beforeAll(async () => {
  const ids: string[] = [];
  for (const prompt of [ODD, 'two', 'three']) {
    const answer = await submitOrder(deps, anOrder({ prompt }));
    if (answer.accepted) ids.push(answer.video_id);
  }
  const [, producing = '', ended = ''] = ids;
  await storePackage(deps, ended, { 'video.mp4': 'film' });
  await endRow(deps, ended, { status: 'failed', cost: '0.123457', message: ODD });
  for (const amount of [1, 123_456]) {
    await recordExternalCharge(deps, {
      ...{ video_id: producing, id: String(amount), service: 'openai', operation: ODD, amount },
    });
  }
  const of = (statement: string, ...values: unknown[]) => deps.pool.query(statement, values);
  await of(
    `UPDATE video_queue SET status = 'processing', lane = 'cpu', claimed_by = 'chain', admission_no = 9007199254740993,
       processing_started_at = '2026-01-02 03:04:05.678901+05:30', progress = 0.1, processing_time_seconds = 1e-300
     WHERE id = $1`,
    producing,
  );
  await of(
    `INSERT INTO pipeline_costs (video_id, key, service, operation, provider, model, quantity, unit, amount, state)
     VALUES ($1, 'held', 'openai', 'o', 'p', 'm', 99999999999999.999999, 'call', 0.5, 'held')`,
    producing,
  );
  await of(
    `INSERT INTO paid_answers (key, video_id, stage, kind, answer, cost) VALUES
       ('json null', NULL, 's', 'k', 'null', 0), ('file', $1, 's', 'k', '{"key": "shared/speech/a.wav"}', 0.1)`,
    producing,
  );
  await of(`INSERT INTO audit_log (id, who, action) OVERRIDING SYSTEM VALUE VALUES (4711, 'o', 'late')`);
  await registerPlaces(deps, { cpu: 1 });
  path = join(folders(), 'all.backup');
  await writeBackup(deps.config, path);
});

/** A place that nothing was restored to yet. */
async function elsewhere(): Promise<Config> {
  const config = await testConfig();
  made.push(config, { ...config, schema: `${config.schema}_restore` });
  return config;
}

let stood: Promise<Config> | undefined;

/** A place that holds the backup, for those who change nothing of it. */
function standing(): Promise<Config> {
  stood ??= elsewhere().then(async (config) => {
    await restoreBackup(config, path, { force: false, adapt: asIs });
    return config;
  });
  return stood;
}

test('what is restored is what was there, to the last digit, microsecond and odd character', async () => {
  const config = await elsewhere();
  const restored = await restoreBackup(config, path, { force: false, adapt: asIs });
  expect(restored.rows).toMatchObject({ video_queue: 3, pipeline_costs: 3, pipeline_state: 1 });
  expect(await contents(config)).toEqual(await contents(deps.config));
  expect(await schemaExists(deps.pool, `${config.schema}_restore`)).toBe(false);
});

test('only its owner can read a backup', async () => {
  expect((await stat(path)).mode & 0o777).toBe(0o600);
});

test('rows that are written after a restore get new numbers, and registered workers are not restored', async () => {
  const config = await elsewhere();
  await restoreBackup(config, path, { force: false, adapt: asIs });
  const pool = openPool(config);
  try {
    const { rows } = await pool.query(`INSERT INTO audit_log (who, action) VALUES ('o', 'new') RETURNING id`);
    expect(rows).toEqual([{ id: 4712 }]);
    expect((await pool.query('SELECT 1 FROM lane_workers')).rowCount).toBe(0);
  } finally {
    await pool.end();
  }
});

test('a database with videos is replaced only when it is forced', async () => {
  const config = await elsewhere();
  await restoreBackup(config, path, { force: false, adapt: asIs });
  const pool = openPool(config);
  await pool.query(`UPDATE video_queue SET channel_id = 'changed'`);
  await pool.end();
  const again = (force: boolean) => restoreBackup(config, path, { force, adapt: asIs });
  await expect(again(false)).rejects.toThrow('holds 3 videos already: say --force');
  expect(JSON.stringify(await contents(config))).toContain('changed');
  await again(true);
  expect(await contents(config)).toEqual(await contents(deps.config));
});

/** The backup with its text changed. */
async function spoilt(change: (text: string) => string): Promise<string> {
  const text = gunzipSync(await readFile(path)).toString();
  const copy = join(folders(), 'spoilt.backup');
  await writeFile(copy, gzipSync(change(text)));
  return copy;
}

const without = (text: string, from: number, to?: number) =>
  `${text.trimEnd().split('\n').slice(from, to).join('\n')}\n`;

test.each<[string, () => Promise<string>, RegExp]>([
  [
    'that is cut off',
    async () => {
      const copy = join(folders(), 'cut.backup');
      await writeFile(copy, (await readFile(path)).subarray(0, -40));
      return copy;
    },
    /no whole backup/,
  ],
  ['that lost its end', () => spoilt((text) => without(text, 0, -1)), /its end is missing/],
  [
    'that lost a row',
    () => spoilt((text) => text.replace(/\n\[\d+,"[^\n]*late[^\n]*\n/, '\n')),
    /audit_log has \d+ of \d+ rows/,
  ],
  ['that lost its head', () => spoilt((text) => without(text, 1)), /no backup of YTEMPIRE/],
  [
    'that is none',
    async () => {
      const copy = join(folders(), 'none.backup');
      await writeFile(copy, 'PGDMP and so on');
      return copy;
    },
    /no whole backup/,
  ],
  [
    'of a newer version',
    () => spoilt((text) => text.replace('"017_housekeeping"', '"017_housekeeping","999_later"')),
    /of another version of YTEMPIRE.*999_later/,
  ],
  [
    'whose rows the tables refuse',
    () => spoilt((text) => text.replace('"failed"', '"lost"')),
    /video_queue_status_check/,
  ],
  ['whose line is no row', () => spoilt((text) => text.replace('\n', '\nnull\n')), /no row/],
  ['whose head lacks its tables', () => spoilt((text) => text.replace('"tables"', '"tbl"')), /no backup/],
  [
    'that names a table of the server itself',
    () => spoilt((text) => text.replace('"name":"audit_log"', '"name":"pg_authid"')),
    /a table that its version has not: pg_authid/,
  ],
])('a backup %s changes nothing', async (_, file, message) => {
  const config = await standing();
  await expect(restoreBackup(config, await file(), { force: true, adapt: asIs })).rejects.toThrow(message);
  expect(await contents(config)).toEqual(await contents(deps.config));
  expect(await schemaExists(deps.pool, `${config.schema}_restore`)).toBe(false);
});

test('what a backup says of types is not run', async () => {
  const config = await elsewhere();
  const hostile = `text || set_config('ytempire.told', 'hostile', false)`;
  const file = await spoilt((text) =>
    text.replace('{"name":"who","type":"text"}', JSON.stringify({ name: 'who', type: hostile })),
  );
  await restoreBackup(config, file, { force: false, adapt: asIs });
  expect(await contents(config)).toEqual(await contents(deps.config));
});

test('a failure at the very end changes nothing either', async () => {
  const config = await elsewhere();
  const adapt = () => Promise.reject(new Error('the store is away'));
  await expect(restoreBackup(config, path, { force: false, adapt })).rejects.toThrow('the store is away');
  expect(await schemaExists(deps.pool, config.schema)).toBe(false);
});

test('a backup is of one moment, whatever is ordered and charged while it is written', async () => {
  const busy = await createTestDeps();
  try {
    for (let n = 0; n < 20; n++) await submitOrder(busy, anOrder());
    const file = join(folders(), 'busy.backup');
    let done = false;
    const ordering = (async () => {
      while (!done) {
        const answer = await submitOrder(busy, anOrder());
        if (!answer.accepted) return;
        const charge = { id: 'one', service: 'openai', operation: 'o', amount: 10_000 } as const;
        await recordExternalCharge(busy, { video_id: answer.video_id, ...charge });
      }
    })();
    await writeBackup(busy.config, file);
    done = true;
    await ordering;
    const config = await elsewhere();
    await restoreBackup(config, file, { force: false, adapt: asIs });
    const { rows } = await deps.pool.query(
      `SELECT 1 FROM ${config.schema}.video_budget b LEFT JOIN LATERAL (
         SELECT coalesce(sum(amount), 0) AS charged FROM ${config.schema}.pipeline_costs c WHERE c.video_id = b.video_id
       ) AS ledger ON true WHERE charged <> spent`,
    );
    expect(rows).toEqual([]);
  } finally {
    await busy.close();
  }
});

test('finished stages of open videos whose files are not there are made again; the store becomes the one to share', async () => {
  const config = await elsewhere();
  const store = openArtifacts(config, NO_SECRETS);
  let missing: unknown;
  const adapt = async (draft: Config) => {
    const pool = openPool(draft);
    const video = `(SELECT id FROM video_queue WHERE status = 'processing')`;
    await pool.query(
      `INSERT INTO stage_results (video_id, stage, input_hash, result, made_by) VALUES
         (${video}, 'script_generation', 'h', '{"title": "a", "key": "no file"}', 't'),
         (${video}, 'audio_synthesis', 'h', '{"file": {"key": "v/audio.wav", "sha256": "x", "bytes": 1}}', 't'),
         (${video}, 'video_rendering', 'h', '{"title": "made of it"}', 't')`,
    );
    await pool.end();
    missing = await adaptToStore(draft, store);
  };
  await restoreBackup(config, path, { force: false, adapt });
  expect(missing).toEqual({ stages: 2, shared: 1, doubtful: 0 });
  const all = await contents(config);
  expect(all['stage_results']).toHaveLength(2);
  for (const stage of ['script_generation', 'upload_preparation']) {
    expect(all['stage_results']?.join()).toContain(stage);
  }
  expect(all['pipeline_state']?.[0]).toContain(await store.marker());
});

test('what may have gone to YouTube since the backup is not uploaded again unasked', async () => {
  const config = await elsewhere();
  const store = openArtifacts(config, NO_SECRETS);
  let adapted: unknown;
  const adapt = async (draft: Config) => {
    const pool = openPool(draft);
    await pool.query(
      `INSERT INTO publications (video_id, channel_id, ready_at, state, session)
       SELECT id, 'main', now(), state, session FROM (SELECT row_number() OVER (ORDER BY id) AS n, id FROM video_queue) AS q
         JOIN (VALUES (1, 'waiting', NULL), (2, 'uploading', 'sealed'), (3, 'failed', NULL)) AS p(m, state, session) ON n = m`,
    );
    adapted = await adaptToStore(draft, store);
    await pool.end();
  };
  await restoreBackup(config, path, { force: false, adapt });
  expect(adapted).toMatchObject({ doubtful: 1 });
  const pool = openPool(config);
  const { rows } = await pool.query(
    'SELECT state, reason, last_part_sent FROM publications ORDER BY video_id',
  );
  await pool.end();
  expect(rows).toEqual([
    { state: 'failed', reason: 'doubtful', last_part_sent: false },
    { state: 'uploading', reason: null, last_part_sent: true },
    { state: 'failed', reason: null, last_part_sent: false },
  ]);
});
