import { parseArgs } from 'node:util';
import { DefaultLogger, Runtime } from '@temporalio/worker';
import { LANES } from '../../domain/lanes.ts';
import { type FloorRun, type FloorSetup, runFloor } from './floor.ts';
import { type TreeCpu, treeCpu, treeCpuSince } from './queue-cpu.ts';
import {
  admissionsOf,
  handOvers,
  inversionsOf,
  peakOf,
  round,
  type Spread,
  spreadOf,
  type VideoTimes,
} from './queue-figures.ts';
import { BenchPipeline, type PipelineSetup, PLACES } from './queue-pipeline.ts';
import { startBenchServers } from './queue-servers.ts';

const FIRST_ADMISSIONS = 300;
const DEPTHS = [100, 1_000];
const LONG_DEPTHS = [...DEPTHS, 5_000];
const SLOW_ORDERS = 40;
const SLOW_STAGE_MS = 1_000;
const ENOUGH = 0.6;

/** What one run of the pipeline showed; times in milliseconds. */
interface Run {
  submit: Spread;
  freed_to_admitted: Spread;
  freed_to_code: Spread;
  videos_per_s: number;
  cpu_ms_per_video: TreeCpu;
  peak: { gpu: number; cpu: number };
  inversions: number;
}

/**
 * Measures the queue with stages that do nothing, beside a plain Temporal workflow of the same six activities.
 * `--orders` sets the size (500), `--long` adds 5,000 queued, `--ablation` looks where the difference goes
 * whatever the ratio is.
 */
export async function benchQueue(args: string[]): Promise<Record<string, unknown>> {
  const { values } = parseArgs({
    args,
    options: {
      orders: { type: 'string', default: '500' },
      long: { type: 'boolean', default: false },
      ablation: { type: 'boolean', default: false },
    },
  });
  Runtime.install({ logger: new DefaultLogger('ERROR'), shutdownSignals: [] });
  const stop = await startBenchServers();
  try {
    const orders = Number(values.orders);
    return await measureQueue(orders, values.long ? LONG_DEPTHS : DEPTHS, values.ablation);
  } finally {
    await stop();
  }
}

type Part = Pick<Run, 'videos_per_s' | 'cpu_ms_per_video'>;

async function measureQueue(orders: number, depths: number[], ablate: boolean) {
  const half = Math.ceil(orders / 2);
  // Half before and half after, so that a machine that slows down slows both.
  const before = await runFloor(half, { extras: 'none' });
  const saturated = show('no-op stages, saturated', await runPipeline(orders));
  const after = await runFloor(half, { extras: 'none' });
  const floor = (2 * half) / (before.seconds + after.seconds);
  const ratio = saturated.videos_per_s / floor;
  const floorCpu = roundCpu(meanCpu(before, after));
  const cpuRatio = allCpu(floorCpu) / allCpu(saturated.cpu_ms_per_video);
  console.log(
    `plain Temporal workflow, same activities: ${round(floor)} videos/s, ${allCpu(floorCpu)} ms of CPU each; ratio ${round(ratio, 2)}, by CPU ${round(cpuRatio, 2)}`,
  );
  const ablation = ablate || ratio < ENOUGH ? await runAblation(Math.min(half, 150)) : null;
  const slow = show(
    'stages of 1 s',
    await runPipeline(Math.min(orders, SLOW_ORDERS), { stageMs: SLOW_STAGE_MS }),
  );
  const byDepth: Record<number, Run> = {};
  const admissions = Math.min(FIRST_ADMISSIONS, orders);
  for (const depth of depths) {
    byDepth[depth] = show(`first ${admissions} at ${depth} queued`, await runAtDepth(depth, admissions));
  }
  const p99 = (depth: number | undefined) => byDepth[depth ?? 0]?.freed_to_admitted.p99 ?? Number.NaN;
  return {
    bench: 'queue',
    orders,
    saturated,
    floor_videos_per_s: round(floor, 2),
    floor_halves_videos_per_s: [round(half / before.seconds, 2), round(half / after.seconds, 2)],
    floor_cpu_ms_per_video: floorCpu,
    ratio_to_floor: round(ratio, 2),
    ratio_to_floor_by_cpu: round(cpuRatio, 2),
    stages_of_1_s: slow,
    by_depth: byDepth,
    depth_p99_growth: round(p99(depths.at(-1)) / p99(depths[0]), 2),
    ablation,
  };
}

/** On a loaded machine the ratio of these says more than that of wall times. */
function meanCpu(a: FloorRun, b: FloorRun): TreeCpu {
  return { own: (a.cpuMs.own + b.cpuMs.own) / 2, servers: (a.cpuMs.servers + b.cpuMs.servers) / 2 };
}

function roundCpu({ own, servers }: TreeCpu): TreeCpu {
  return { own: round(own), servers: round(servers) };
}

function allCpu({ own, servers }: TreeCpu): number {
  return round(own + servers);
}

async function runPipeline(orders: number, setup: PipelineSetup = {}): Promise<Run> {
  const pipeline = await BenchPipeline.open(setup);
  try {
    await pipeline.submit(orders);
    const cpu = treeCpu();
    await pipeline.go();
    await pipeline.drain(orders);
    return runOf(pipeline, await pipeline.times(), { cpuMs: treeCpuSince(cpu, orders), admissions: orders });
  } finally {
    await pipeline.close();
  }
}

async function runAtDepth(depth: number, admissions: number): Promise<Run> {
  const pipeline = await BenchPipeline.open();
  try {
    await pipeline.submit(depth);
    const cpu = treeCpu();
    await pipeline.go();
    await pipeline.drain(admissions, depth);
    return runOf(pipeline, await pipeline.times(), { cpuMs: treeCpuSince(cpu, admissions), admissions });
  } finally {
    await pipeline.close();
  }
}

function runOf(
  pipeline: BenchPipeline,
  times: readonly VideoTimes[],
  { cpuMs, admissions }: { cpuMs: TreeCpu; admissions: number },
): Run {
  const bad = times.find(({ status }) => status === 'failed' || status === 'cancelled');
  if (bad) throw new Error(`video ${bad.id} ended as ${bad.status}`);
  const counted = new Set(admissionsOf(times).slice(0, admissions));
  const pairs = handOvers(times, PLACES).filter(({ next }) => counted.has(next));
  const ends = times.flatMap(({ completed }) => completed ?? []);
  const seconds = (Math.max(...ends) - (admissionsOf(times)[0]?.admitted ?? 0)) / 1000;
  const [gpu, cpu] = LANES.map((lane) => peakOf(times, lane));
  return {
    submit: spreadOf(pipeline.submitMs),
    freed_to_admitted: spreadOf(pairs.map(({ freed, next }) => next.admitted - freed)),
    freed_to_code: spreadOf(
      pairs
        .map(({ freed, next }) => (pipeline.codeRan.get(next.id) ?? Number.NaN) - freed)
        .filter(Number.isFinite),
    ),
    videos_per_s: round(ends.length / seconds, 2),
    cpu_ms_per_video: roundCpu(cpuMs),
    peak: { gpu: gpu ?? 0, cpu: cpu ?? 0 },
    inversions: inversionsOf(times),
  };
}

/** From the floor up, one part after the other: what each of them costs shows in the step. */
async function runAblation(count: number): Promise<Record<string, Part>> {
  const floors: Record<string, FloorSetup> = {
    'six activities, all at once': { extras: 'none' },
    'six activities, 7 in flight': { extras: 'none', inFlight: PLACES },
    '+ signal, claim and settle': { extras: 'claimed', inFlight: PLACES },
    '+ search attributes, details': { extras: 'shown', inFlight: PLACES },
  };
  const parts: Record<string, Part> = {};
  for (const [name, setup] of Object.entries(floors)) {
    const { seconds, cpuMs } = await runFloor(count, setup);
    parts[name] = { videos_per_s: round(count / seconds, 2), cpu_ms_per_video: roundCpu(cpuMs) };
  }
  parts['+ Postgres = pipeline without events'] = await runPipeline(count, { events: false });
  parts['+ events = pipeline'] = await runPipeline(count);
  console.log(`\n${'where the time goes'.padEnd(40)} videos/s   ms a video   CPU ms: own, servers`);
  for (const [name, { videos_per_s, cpu_ms_per_video }] of Object.entries(parts)) {
    const { own, servers } = cpu_ms_per_video;
    const cells = [
      videos_per_s.toFixed(1),
      (1000 / videos_per_s).toFixed(0),
      own.toFixed(0),
      servers.toFixed(0),
    ];
    console.log(name.padEnd(40) + cells.map((cell) => cell.padStart(11)).join(''));
    parts[name] = { videos_per_s, cpu_ms_per_video };
  }
  return parts;
}

function show(title: string, run: Run): Run {
  console.log(`\n${title.padEnd(32)}      n      p50      p95      p99 ms`);
  const rows = {
    submit: run.submit,
    'place freed → admitted': run.freed_to_admitted,
    '→ stage code': run.freed_to_code,
  };
  for (const [name, { n, p50, p95, p99 }] of Object.entries(rows)) {
    console.log(
      name.padEnd(32) +
        String(n).padStart(7) +
        [p50, p95, p99].map((ms) => ms.toFixed(1).padStart(9)).join(''),
    );
  }
  const { gpu, cpu } = run.peak;
  console.log(
    `${run.videos_per_s} videos/s, ${allCpu(run.cpu_ms_per_video)} ms of CPU each; most places ${gpu} gpu, ${cpu} cpu; ${run.inversions} inversions`,
  );
  return run;
}
