import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Complexity } from '../../domain/video.ts';
import { openArtifacts } from '../../infra/artifacts/store.ts';
import { projectRoot } from '../../infra/project-root.ts';
import { submitOrders } from '../../infra/queue/orders.ts';
import { ensureSearchAttributes } from '../../infra/temporal/temporal.ts';
import { FakeS3, S3_REGION, S3_SECRETS } from './fakes/s3.ts';
import { environmentOf } from './process-environment.ts';
import { bucketOf } from './s3-stores.ts';
import { anOrder, createTestDeps, type TestDeps } from './test-deps.ts';
import { eventually } from './test-pipeline.ts';

/** Slots and places of each machine. */
export const MACHINE_SLOTS = { gpu: 3, cpu: 4 };
const LEASE_MS = 5_000;
const START_MS = 40_000;

/**
 * Several machines on this one: each a process with a name, a data folder and a scratch folder of its own, which
 * share servers and a bucket, and nothing else.
 */
export class Machines {
  readonly deps: TestDeps;
  readonly s3: FakeS3;
  readonly #running = new Map<string, ChildProcess>();
  readonly #folders: string[] = [];
  readonly #stageMs: number;

  private constructor(deps: TestDeps, s3: FakeS3, stageMs: number) {
    this.deps = deps;
    this.s3 = s3;
    this.#stageMs = stageMs;
  }

  /** `stageMs` is the time that each stage takes beside its reading and writing. */
  static async create(names: readonly string[], stageMs: number): Promise<Machines> {
    const deps = await createTestDeps();
    await ensureSearchAttributes(deps.temporal, deps.config);
    const machines = new Machines(deps, await FakeS3.start(), stageMs);
    await Promise.all(names.map((name) => machines.start(name)));
    return machines;
  }

  /** Starts a machine, and resolves when it offers its places. */
  async start(name: string): Promise<void> {
    const folder = mkdtempSync(join(tmpdir(), `ytempire-${name}-`));
    this.#folders.push(folder);
    const child = spawn(
      process.execPath,
      [join(projectRoot, '.build', 'machine.js'), String(this.#stageMs)],
      {
        env: { ...process.env, ...environmentOf(this.deps), ...this.#environment(name, folder) },
        stdio: ['ignore', 'ignore', 'inherit'],
      },
    );
    this.#running.set(name, child);
    await eventually(
      () => this.living(name),
      (lanes) => {
        if (child.exitCode !== null) throw new Error(`${name} ended before it offered places`);
        return lanes === 2;
      },
      START_MS,
    );
  }

  #environment(name: string, folder: string): Record<string, string> {
    const [gpu, cpu] = [String(MACHINE_SLOTS.gpu), String(MACHINE_SLOTS.cpu)];
    return {
      MACHINE_ID: name,
      DATA_DIR: folder,
      ARTIFACTS: `s3://${this.s3.bucket}/films/one`,
      S3_ENDPOINT: this.s3.endpoint,
      S3_REGION,
      AWS_ACCESS_KEY_ID: S3_SECRETS.s3KeyId ?? '',
      AWS_SECRET_ACCESS_KEY: S3_SECRETS.s3Secret ?? '',
      ...{ GPU_SLOTS: gpu, GPU_PLACES: gpu, CPU_SLOTS: cpu, CPU_PLACES: cpu },
      ...{ LEASE_MS: String(LEASE_MS), RECONCILE_MS: '500', SHUTDOWN_GRACE_MS: '0', LOG_LEVEL: 'error' },
    };
  }

  /** Lanes of a machine whose lease runs. */
  async living(name: string): Promise<number> {
    const { rows } = await this.deps.pool.query<{ n: number }>(
      'SELECT count(*)::int AS n FROM lane_workers WHERE machine_id = $1 AND lease_until > clock_timestamp()',
      [name],
    );
    return rows[0]?.n ?? 0;
  }

  /** As a power cut would: no process of it says goodbye. */
  kill(name: string): void {
    this.#running.get(name)?.kill('SIGKILL');
  }

  /** Orders so many videos of each complexity and answers their ids. */
  async order(counts: Partial<Record<Complexity, number>>): Promise<string[]> {
    const orders = Object.entries(counts).flatMap(([complexity, count]) =>
      Array.from({ length: count }, () => anOrder({ complexity: complexity as Complexity })),
    );
    const answer = await submitOrders(this.deps, orders);
    if (!answer.accepted) throw new Error(answer.code);
    return answer.videos.map(({ video_id }) => video_id);
  }

  /** Resolves when so many videos are completed. */
  async completed(count: number, patienceMs: number): Promise<void> {
    const read = async () => {
      const { rows } = await this.deps.pool.query<{ status: string; n: number }>(
        'SELECT status, count(*)::int AS n FROM video_queue GROUP BY status',
      );
      return Object.fromEntries(rows.map(({ status, n }) => [status, n]));
    };
    await eventually(read, ({ completed }) => completed === count, patienceMs);
  }

  /** The lines of a finished video, each `<what>@<machine>`, as a machine reads them that has made none of them. */
  async storyOf(videoId: string): Promise<string[]> {
    const { rows } = await this.deps.pool.query(
      `SELECT result->'files'->'video.mp4' AS ref FROM stage_results WHERE video_id = $1 AND stage = 'upload_preparation'`,
      [videoId],
    );
    const { config } = this.deps;
    const store = openArtifacts({ ...config, bucket: bucketOf(this.s3) }, S3_SECRETS);
    return (await readFile(await store.open(rows[0].ref), 'utf8')).trim().split('\n');
  }

  async close(): Promise<void> {
    const living = [...this.#running.values()].filter(
      (child) => child.exitCode === null && !child.signalCode,
    );
    const ends = living.map((child) => once(child, 'exit'));
    for (const child of living) child.kill('SIGTERM');
    await Promise.all(ends);
    await this.s3.close();
    await this.deps.close();
    for (const folder of this.#folders) rmSync(folder, { recursive: true, force: true });
  }
}
