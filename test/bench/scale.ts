import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { projectRoot } from '../../infra/project-root.ts';
import { round } from './queue-figures.ts';
import { complexityOf } from './queue-pipeline.ts';
import { startBenchServers } from './queue-servers.ts';
import { type Row, runSetting, type Setting } from './scale-run.ts';

const PLACES = { gpu: 3, cpu: 4 };
/** Stages that follow one another; audio and media run side by side. */
const STEPS = 5;
const TARGET = 0.9;

/**
 * Videos a minute with 1, 2 and 4 worker processes (`--workers`) of stages that take `--stage-ms` and no CPU, `--rounds`
 * videos a place. With `--renders`: with 1, 2 and 3 places (`--places`) of one process that makes real videos.
 */
export async function benchScale(args: string[]): Promise<Record<string, unknown>> {
  const { values } = parseArgs({
    args,
    options: {
      workers: { type: 'string', default: '1,2,4' },
      'stage-ms': { type: 'string', default: '2000' },
      rounds: { type: 'string', default: '4' },
      renders: { type: 'boolean', default: false },
      places: { type: 'string', default: '1,2,3' },
      videos: { type: 'string', default: '6' },
    },
  });
  const settings = values.renders
    ? await renderSettings(numbers(values.places), Number(values.videos))
    : numbers(values.workers).map((count) => timedSetting(count, Number(values.rounds), values['stage-ms']));
  const stop = await startBenchServers();
  try {
    const rows: Row[] = [];
    for (const setting of settings) rows.push(await runSetting(setting));
    return values.renders ? showRenders(rows) : showScale(rows, Number(values['stage-ms']));
  } finally {
    await stop();
  }
}

function numbers(list: string): number[] {
  return list.split(',').map(Number);
}

function timedSetting(count: number, rounds: number, stageMs: string): Setting {
  const sizes = { GPU_PLACES: String(PLACES.gpu), CPU_PLACES: String(PLACES.cpu) };
  return {
    count,
    videos: rounds * count * (PLACES.gpu + PLACES.cpu),
    order: (index) => ({ complexity: complexityOf(index) }),
    lanes: 2 * count,
    processes: Array.from({ length: count }, (_, index) => ({
      args: ['bench.js', 'scale-worker', '--stage-ms', stageMs],
      env: { ...sizes, MACHINE_ID: `bench-${index}` },
    })),
  };
}

async function renderSettings(counts: number[], videos: number): Promise<Setting[]> {
  const article = await readFile(join(projectRoot, 'examples/deep-sea.md'), 'utf8');
  return counts.map((count) => ({
    count,
    videos,
    order: () => ({ article, duration: 30 }),
    lanes: 1,
    processes: [
      {
        args: ['worker.js', '--lanes', 'cpu,io,control'],
        env: { CPU_PLACES: String(count), CPU_SLOTS: String(count), MACHINE_ID: 'bench-0' },
      },
    ],
  }));
}

function showScale(rows: Row[], stageMs: number): Record<string, unknown> {
  const first = rows[0];
  const places = PLACES.gpu + PLACES.cpu;
  const ideal = (places * 60_000) / (STEPS * stageMs);
  const alone = (first?.perMinute ?? Number.NaN) / (first?.count ?? 1);
  const table = rows.map(({ count: workers, perMinute, ...rest }) => ({
    workers,
    ...rest,
    perMinute: round(perMinute),
    ofIdeal: round(perMinute / (workers * ideal), 3),
    ofLinear: round(perMinute / (workers * alone), 3),
  }));
  console.log(
    `stages of ${stageMs} ms, ${places} places a worker; ideal ${round(ideal)} videos a minute each`,
  );
  console.log('workers   videos   a minute   of ideal   of linear   cores busy');
  for (const row of table) {
    const cells = [row.workers, row.videos, row.perMinute, row.ofIdeal, row.ofLinear, round(row.busy, 2)];
    console.log(cells.map((cell) => String(cell).padStart(9)).join('  '));
  }
  const met = table.every(({ ofLinear }) => ofLinear >= TARGET);
  return { bench: 'scale', stage_ms: stageMs, target: TARGET, met, rows: table };
}

function showRenders(rows: Row[]): Record<string, unknown> {
  console.log('real videos of about 30 s, one worker\nplaces   videos   a minute   cores busy');
  const table = rows.map(({ count: places, videos, perMinute, busy }) => ({
    places,
    videos,
    perMinute: round(perMinute, 2),
    busy: round(busy, 2),
  }));
  for (const { places, videos, perMinute, busy } of table) {
    console.log([places, videos, perMinute, busy].map((cell) => String(cell).padStart(8)).join('  '));
  }
  return { bench: 'scale', renders: true, rows: table };
}
