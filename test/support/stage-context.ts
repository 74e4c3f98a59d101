import { createHash, randomUUID } from 'node:crypto';
import { copyFile, mkdir, mkdtemp, readFile, rename, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { StageContext } from '../../activities/stage.ts';
import { type Micros, toDollars } from '../../domain/money.ts';
import type { Bill, StageResults, Usage } from '../../domain/results.ts';
import type { StageName } from '../../domain/stages.ts';
import type { ArtifactRef, Order } from '../../domain/video.ts';
import { missing } from '../../infra/artifacts/artifact-gone.ts';
import { createLogger } from '../../infra/logger.ts';
import { anOrder } from './test-deps.ts';
import { type TestAnswers, testPay } from './test-pay.ts';

/** A stage's world without Postgres and Temporal: a plain store folder, and everything it was told in lists. */
export interface TestStage {
  context: StageContext;
  /** Holds `store/`, `kept/` and one work folder per attempt. */
  root: string;
  charges: Usage[];
  warnings: { code: string; message: string }[];
  progress: { share: number; note: string | undefined }[];
  abort(reason?: unknown): void;
  /** Copies a file into the store, as an earlier stage would have left it. */
  store(path: string, key: string): Promise<ArtifactRef>;
  /** The same video again: same store and kept files, an empty work folder, a fresh signal. */
  again(options?: TestStageOptions): Promise<TestStage>;
  remove(): Promise<void>;
}

export interface TestStageOptions {
  order?: Partial<Order>;
  results?: Partial<StageResults>;
  stage?: StageName;
  triesLeft?: number;
  card?: StageContext['card'];
  price?: (usage: Usage) => Micros;
  /** Stored answers of paid calls, for a test that looks at them or has several videos. */
  answers?: TestAnswers;
}

const ORDER = anOrder({ prompt: 'The deep sea', duration: 15 });

export const TEST_VIDEO_ID = '00000000-0000-4000-8000-000000000001';

/** Opens a stage context in a temporary folder; call `remove` when done. */
export async function testStage(options: TestStageOptions = {}, root?: string): Promise<TestStage> {
  const folder = root ?? (await mkdtemp(join(tmpdir(), 'ytempire-stage-')));
  const controller = new AbortController();
  const told = { charges: [] as Usage[], warnings: [] as TestStage['warnings'] };
  const progress: TestStage['progress'] = [];
  const context: StageContext = {
    videoId: TEST_VIDEO_ID,
    stage: options.stage ?? 'script_generation',
    triesLeft: options.triesLeft ?? 1,
    madeBefore: 0,
    order: { ...ORDER, ...options.order },
    lane: 'cpu',
    card: options.card ?? null,
    workDir: await attemptFolder(folder),
    signal: controller.signal,
    results: options.results ?? {},
    log: createLogger('fatal', 'test'),
    progress: (share, note) => progress.push({ share, note }),
    fetch: (ref) => fetchFrom(folder, ref),
    publish: (path, name) => store(folder, path, `${options.stage ?? 'stage'}/${name}`),
    kept: keptIn(folder),
    pay: testPay(told.charges, options.answers),
    share: (path, name) => store(folder, path, `shared/${name}/${randomUUID()}`),
    bill: async () => billOf(told.charges, options.price ?? (() => 0)),
    warn: (code, message) => told.warnings.push({ code, message }),
  };
  return {
    context,
    root: folder,
    ...told,
    progress,
    abort: (reason) => controller.abort(reason ?? new Error('cancelled by the test')),
    store: (path, key) => store(folder, path, key),
    again: (next) => testStage(next ?? options, folder),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

async function attemptFolder(root: string): Promise<string> {
  await mkdir(join(root, 'work'), { recursive: true });
  return mkdtemp(join(root, 'work', 'attempt-'));
}

async function store(root: string, path: string, key: string): Promise<ArtifactRef> {
  const target = join(root, 'store', key);
  await mkdir(dirname(target), { recursive: true });
  await copyFile(path, target);
  return { key, sha256: await hashOf(target), bytes: (await stat(target)).size };
}

async function fetchFrom(root: string, ref: ArtifactRef): Promise<string> {
  const path = join(root, 'store', ref.key);
  const hash = await hashOf(path).catch(() => null);
  if (hash !== ref.sha256) throw missing(ref.key);
  return path;
}

function keptIn(root: string): StageContext['kept'] {
  const folder = join(root, 'kept');
  return {
    async find(name) {
      const path = join(folder, name);
      return (await stat(path).catch(() => null)) ? path : null;
    },
    async keep(path, name) {
      await mkdir(folder, { recursive: true });
      await rename(path, join(folder, name));
      return join(folder, name);
    },
  };
}

function billOf(usages: readonly Usage[], price: (usage: Usage) => Micros): Bill {
  const total = usages.reduce((sum, usage) => sum + price(usage), 0);
  return {
    video_id: TEST_VIDEO_ID,
    currency: 'USD',
    total_cost: toDollars(total),
    cap: 3,
    within_budget: total < 3_000_000,
    charges: usages.map((usage) => ({
      stage: null,
      service: usage.service,
      operation: usage.operation,
      quantity: usage.quantity,
      unit: usage.unit,
      amount: toDollars(price(usage)),
      state: 'charged',
    })),
    saved: [],
  };
}

async function hashOf(path: string): Promise<string> {
  return createHash('sha256')
    .update(await readFile(path))
    .digest('hex');
}
