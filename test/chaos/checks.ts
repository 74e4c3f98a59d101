import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import pg from 'pg';
import type { SpendState } from '../../domain/budget.ts';
import { SPEND_QUERY, workflowIdOf } from '../../domain/contract.ts';
import { parseDollars } from '../../domain/money.ts';
import { STAGE_NAMES } from '../../domain/stages.ts';
import { becomes } from '../../infra/embedded/wait.ts';
import { probe } from '../support/measure.ts';
import { type Check, listOf } from './check.ts';
import { paidOnce } from './paid-once.ts';
import type { ChaosStack } from './stack.ts';

const CLEARED_MS = 60_000;

/** Everything that must hold after a run, whatever was killed; `kills` counts them by victim. */
export async function checkAll(
  stack: ChaosStack,
  ids: readonly string[],
  kills: Readonly<Record<string, number>>,
): Promise<Check[]> {
  const { postgres, temporal } = stack.lock();
  const pool = new pg.Pool({ connectionString: postgres ?? '' });
  const connection = await Connection.connect({ address: temporal ?? '' });
  try {
    return [
      await allCompleted(pool, ids),
      await everyStageOnce(pool, ids),
      await nothingLeft(pool),
      await moneyAgrees(stack, pool, new Client({ connection }), ids),
      await paidOnce(stack.openai, pool, kills),
      await playable(stack, ids),
      await cleared(() => noStrayProcess(stack)),
      await cleared(() => noStrayFile(stack)),
    ];
  } finally {
    await connection.close();
    await pool.end();
  }
}

async function allCompleted(pool: pg.Pool, ids: readonly string[]): Promise<Check> {
  const { rows } = await pool.query<{ id: string; status: string; reason: string | null }>(
    'SELECT id, status, reason FROM video_queue',
  );
  const wrong = rows.filter(({ status }) => status !== 'completed');
  const detail = `${rows.length - wrong.length} of ${ids.length} completed${listOf(wrong)}`;
  return { name: 'every video is completed', ok: wrong.length === 0 && rows.length === ids.length, detail };
}

/** Once more where a narration did not fit the ordered length: that is written down, and happens once. */
async function everyStageOnce(pool: pg.Pool, ids: readonly string[]): Promise<Check> {
  const { rows } = await pool.query<{
    video_id: string;
    stage: string;
    done: number;
    lost: number;
    due: number;
  }>(
    `SELECT video_id, stage, count(*) FILTER (WHERE outcome = 'completed')::int AS done,
       count(*) FILTER (WHERE outcome = 'worker_lost')::int AS lost,
       1 + (SELECT count(*) FROM audit_log a WHERE a.video_id = r.video_id AND action = 'discard_results'
         AND stage IN ('script_generation', 'audio_synthesis', 'media_collection'))::int AS due
     FROM stage_runs r GROUP BY video_id, stage`,
  );
  const wrong = rows.filter(({ done, due }) => done !== Math.min(due, 2));
  const lost = rows.reduce((sum, row) => sum + row.lost, 0);
  const detail = `${rows.length} stages, ${lost} attempts lost with their worker${listOf(wrong)}`;
  const ok = wrong.length === 0 && rows.length === ids.length * STAGE_NAMES.length;
  return { name: 'every finished stage was done once', ok, detail };
}

async function nothingLeft(pool: pg.Pool): Promise<Check> {
  const { rows } = await pool.query<Record<string, string>>(
    `SELECT (SELECT count(*) FROM video_queue WHERE status IN ('queued', 'processing')) AS places,
       (SELECT coalesce(sum(held), 0) FROM video_budget) AS held,
       (SELECT count(*) FROM pipeline_costs WHERE state = 'held') AS holds,
       (SELECT count(*) FROM stage_runs WHERE ended_at IS NULL) AS attempts`,
  );
  const found = Object.entries(rows[0] ?? {}).map(([name, count]) => `${name} ${Number(count)}`);
  return {
    name: 'no place, hold or attempt is left open',
    ok: Object.values(rows[0] ?? { none: '1' }).every((count) => Number(count) === 0),
    detail: found.join(', '),
  };
}

async function moneyAgrees(
  stack: ChaosStack,
  pool: pg.Pool,
  temporal: Client,
  ids: readonly string[],
): Promise<Check> {
  const { rows } = await pool.query<{ id: string; spent: string; ledger: string }>(
    `SELECT b.video_id AS id, b.spent,
       (SELECT coalesce(sum(amount), 0) FROM pipeline_costs c
        WHERE c.video_id = b.video_id AND state IN ('charged', 'assumed')) AS ledger FROM video_budget b`,
  );
  const wrong: unknown[] = [];
  for (const { id, spent, ledger } of rows) {
    const workflow = await temporal.workflow.getHandle(workflowIdOf(id)).query<SpendState>(SPEND_QUERY);
    const url = `${stack.lock().api}/pipeline/status/${id}`;
    const { actual_cost } = await readJson<{ actual_cost: number }>(url);
    const totals = [spent, ledger, actual_cost].map((amount) => parseDollars(amount));
    if (totals.some((total) => total !== workflow.total))
      wrong.push({ id, workflow: workflow.total, totals });
  }
  const total = rows.reduce((sum, { spent }) => sum + Number(spent), 0);
  return {
    name: 'workflow total = ledger = API',
    ok: wrong.length === 0 && rows.length === ids.length,
    detail: `$${total.toFixed(6)} in all${listOf(wrong)}`,
  };
}

async function readJson<T>(url: string): Promise<T> {
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}: ${await answer.text()}`);
  return (await answer.json()) as T;
}

async function playable(stack: ChaosStack, ids: readonly string[]): Promise<Check> {
  const broken: unknown[] = [];
  for (const id of ids) {
    try {
      const { streams } = await probe(`${stack.lock().api}/pipeline/videos/${id}/artifacts/video.mp4`);
      const [picture, sound] = ['video', 'audio'].map((type) =>
        streams.find((one) => one['codec_type'] === type),
      );
      const whole = picture?.['nb_read_packets'] === picture?.['nb_frames'];
      const apart = Math.abs(Number(picture?.['duration']) - Number(sound?.['duration']));
      if (!whole || !(apart < 0.15)) broken.push({ id, whole, apart });
    } catch (error) {
      broken.push({ id, error: String(error) });
    }
  }
  return {
    name: 'every MP4 is whole',
    ok: broken.length === 0,
    detail: `${ids.length - broken.length} of ${ids.length}${listOf(broken)}`,
  };
}

/** Looks until nothing is left: a video is completed a moment before its temporary files are removed. */
async function cleared(look: () => Check): Promise<Check> {
  await becomes(() => look().ok, CLEARED_MS);
  return look();
}

/** Whatever a dead worker started has our folder on its command line. */
function noStrayProcess(stack: ChaosStack): Check {
  const { pid, services } = stack.lock();
  const known = new Set([pid, ...Object.values(services).map((service) => service.pid)]);
  const stray = execFileSync('ps', ['-eo', 'pid=,args='], { encoding: 'utf8' })
    .split('\n')
    .filter((line) => line.includes(stack.dataDir) && !known.has(Number.parseInt(line, 10)));
  return {
    name: 'no process is left',
    ok: stray.length === 0,
    detail: `${stray.length} left${listOf(stray)}`,
  };
}

function noStrayFile(stack: ChaosStack): Check {
  const left = [
    ...filesIn(join(stack.dataDir, 'work')),
    ...filesIn(join(stack.dataDir, 'artifacts'), /kept\/|\.part/),
  ];
  return {
    name: 'no temporary file is left',
    ok: left.length === 0,
    detail: `${left.length} left${listOf(left)}`,
  };
}

function filesIn(folder: string, wanted = /./): string[] {
  try {
    return readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .filter((path) => wanted.test(path));
  } catch {
    return [];
  }
}
