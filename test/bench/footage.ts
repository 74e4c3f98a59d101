import type { Encoder } from '../../activities/providers/renderer.ts';
import { createVideoRendering } from '../../activities/video-rendering.ts';
import { threadsPerJob } from '../../domain/lanes.ts';
import { type Config, readConfig } from '../../infra/settings/config.ts';
import { readEnv } from '../../infra/settings/env.ts';
import { type TestStage, testStage } from '../support/stage-context.ts';
import { showClips, storeClips, storeSyntheticVideo } from '../support/synthetic-video.ts';
import { BENCH_CLIPS } from './footage-clips.ts';
import { renderNaively } from './footage-naive.ts';
import { encodeAlone, type Measured, measure, readyFrames } from './render-floor.ts';

const SCENES = 12;
const SCENE_MS = 5_000;
const ROUNDS = 2;

/** Leaves the frames as they were drawn. */
const LOSSLESS: Encoder = {
  name: 'libx264',
  hardware: false,
  args: ['-c:v', 'libx264', '-preset', 'ultrafast', '-qp', '0', '-pix_fmt', 'yuv420p'],
};

/** A render needs no server; the configuration wants addresses all the same. */
const NO_SERVERS = { DATABASE_URL: 'none', REDIS_URL: 'none', TEMPORAL_ADDRESS: 'none' };

/**
 * Renders twelve mixed clips to 60 s: as this project does, as many scripts do (three encodes a frame), and,
 * as the floor, the ready frames encoded once with the same arguments. Rounds in turn; medians are told.
 */
export async function benchFootage(): Promise<Record<string, unknown>> {
  const { tools, machine } = readConfig({ ...readEnv(), ...NO_SERVERS });
  const stage = await testStage();
  try {
    await prepare(stage);
    const threads = threadsPerJob(machine.cores);
    const raw = await drawnFrames(stage, tools, threads);
    const rows: Measured[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const { context } = await stage.again({ results: stage.context.results });
      // Nothing may be kept from an earlier round.
      context.kept = { ...context.kept, find: async () => null };
      rows.push(await measure('segments', () => createVideoRendering(tools, threads, 0)(context)));
      rows.push(await measure('naive', () => renderNaively(stage, tools.ffmpeg)));
      rows.push({ ...(await encodeAlone(tools.ffmpeg, stage.root, raw)), name: 'bare' });
    }
    return report(rows);
  } finally {
    await stage.remove();
  }
}

/** The frames as they are drawn, without the loss of an encoder: ready for the floor. */
async function drawnFrames(stage: TestStage, tools: Config['tools'], threads: number): Promise<string> {
  const { context } = await stage.again({ results: stage.context.results });
  const { result } = await createVideoRendering(tools, threads, 0, LOSSLESS)(context);
  return readyFrames(tools.ffmpeg, stage.root, await context.fetch(result.video));
}

async function prepare(stage: TestStage): Promise<void> {
  const text = 'the deep sea is the largest home of life on our planet';
  await storeSyntheticVideo(
    stage,
    Array.from({ length: SCENES }, () => ({ text, ms: SCENE_MS })),
  );
  const clips = await storeClips(stage, BENCH_CLIPS);
  for (let scene = 0; scene < SCENES; scene += 1) {
    const clip = clips[scene % clips.length];
    if (clip) showClips(stage, scene, [clip]);
  }
}

function report(rows: readonly Measured[]): Record<string, unknown> {
  const figures = (name: string) => {
    const own = rows.filter((row) => row.name === name);
    return {
      cpu: median(own.map(({ children }) => children)),
      wall: median(own.map(({ wall }) => wall)),
      peakMb: median(own.map(({ peakBytes }) => peakBytes)) / 1024 ** 2,
    };
  };
  const [segments, naive, bare] = [figures('segments'), figures('naive'), figures('bare')];
  console.log(`${SCENES} mixed clips, ${(SCENES * SCENE_MS) / 1000} s of 1080p; medians of ${ROUNDS} rounds`);
  console.log(`${'route'.padEnd(12)}   CPU s   wall s  peak MB`);
  for (const [name, { cpu, wall, peakMb }] of Object.entries({ segments, naive, bare }))
    console.log(name.padEnd(12) + [cpu, wall, peakMb].map((value) => value.toFixed(1).padStart(8)).join(' '));
  return {
    bench: 'footage',
    ratio_to_bare: round(segments.cpu / bare.cpu),
    ratio_naive_to_bare: round(naive.cpu / bare.cpu),
    segments_cpu_s: round(segments.cpu),
    naive_cpu_s: round(naive.cpu),
    bare_cpu_s: round(bare.cpu),
    segments_peak_mb: round(segments.peakMb),
    rounds: rows.map(({ name, children }) => [name, round(children)]),
  };
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return ((sorted[(sorted.length - 1) >> 1] ?? 0) + (sorted[sorted.length >> 1] ?? 0)) / 2;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
