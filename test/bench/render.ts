import { parseArgs } from 'node:util';
import type { Encoder } from '../../activities/providers/renderer.ts';
import { createVideoRendering } from '../../activities/video-rendering.ts';
import { threadsPerJob } from '../../domain/lanes.ts';
import { type Config, readConfig } from '../../infra/settings/config.ts';
import { readEnv } from '../../infra/settings/env.ts';
import { type TestStage, testStage } from '../support/stage-context.ts';
import { showClips, storeClips, storeSyntheticVideo } from '../support/synthetic-video.ts';
import { BENCH_CLIPS } from './render-clips.ts';
import { decodeAlone, encodeAlone, type Measured, measure, readyFrames } from './render-floor.ts';
import { renderNaively } from './render-naive.ts';
import { similarity } from './render-quality.ts';

const SCENES = 12;
const SCENE_MS = 5_000;
const ROUTES = 4;
const ROUNDS = '2';

/** Leaves the frames as they were drawn. */
const LOSSLESS: Encoder = {
  name: 'libx264',
  hardware: false,
  args: ['-c:v', 'libx264', '-preset', 'ultrafast', '-qp', '0', '-pix_fmt', 'yuv420p'],
};

/** A render needs no server; the configuration wants addresses all the same. */
const NO_SERVERS = { DATABASE_URL: 'none', REDIS_URL: 'none', TEMPORAL_ADDRESS: 'none' };

/** Most CPU of the naive route's, and of the bare encode's, that a render may take; most memory of one program. */
const TARGETS = { toNaive: 0.65, toBare: 1.25, peakMb: 500 };

interface Quality {
  segments: number;
  naive: number;
}

/**
 * Renders twelve mixed clips to 60 s: as this project does, as many scripts do (three encodes a frame), and,
 * as the floor, the ready frames encoded once with the same arguments, with the decoding of the clips beside it. Rounds
 * in turn (`--rounds`); medians are told. The quality is SSIM against the frames that each route would show without any loss.
 */
export async function benchRender(args: string[]): Promise<Record<string, unknown>> {
  const { values } = parseArgs({ args, options: { rounds: { type: 'string', default: ROUNDS } } });
  const rounds = Math.max(1, Number(values.rounds));
  const { tools, machine } = readConfig({ ...readEnv(), ...NO_SERVERS });
  const { ffmpeg } = tools;
  const stage = await testStage();
  try {
    const shown = await prepare(stage);
    const threads = threadsPerJob(machine.cores);
    const raw = await drawnFrames(stage, tools, threads);
    const rows: Measured[] = [];
    let [ours, naive] = ['', ''];
    for (let round = 0; round < rounds; round += 1) {
      const { context } = await stage.again({ results: stage.context.results });
      // Nothing may be kept from an earlier round.
      context.kept = { ...context.kept, find: async () => null };
      const segments = async () => {
        const { result } = await createVideoRendering(tools, threads, 0)(context);
        ours = await context.fetch(result.video);
      };
      rows.push(await measure('segments', segments));
      const clips = async () => {
        naive = await renderNaively(stage, ffmpeg);
      };
      rows.push(await measure('naive', clips));
      rows.push({ ...(await encodeAlone(ffmpeg, stage.root, raw)), name: 'bare' });
      rows.push(await decodeAlone(ffmpeg, shown, SCENE_MS / 1000));
    }
    const lossless = await renderNaively(stage, ffmpeg, LOSSLESS);
    const quality = {
      segments: await similarity(ffmpeg, ours, raw),
      naive: await similarity(ffmpeg, naive, lossless),
    };
    return report(rows, quality);
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

/** Returns the files of the clips in the order in which they are shown. */
async function prepare(stage: TestStage): Promise<string[]> {
  const text = 'the deep sea is the largest home of life on our planet';
  await storeSyntheticVideo(
    stage,
    Array.from({ length: SCENES }, () => ({ text, ms: SCENE_MS })),
  );
  const clips = await storeClips(stage, BENCH_CLIPS);
  const shown: string[] = [];
  for (let scene = 0; scene < SCENES; scene += 1) {
    const clip = clips[scene % clips.length];
    if (!clip) throw new Error('there are no clips');
    showClips(stage, scene, [clip]);
    shown.push(await stage.context.fetch(clip.file));
  }
  return shown;
}

function report(rows: readonly Measured[], quality: Quality): Record<string, unknown> {
  const figures = (name: string) => {
    const own = rows.filter((row) => row.name === name);
    return {
      cpu: median(own.map(({ children, own: drawing }) => children + drawing)),
      wall: median(own.map(({ wall }) => wall)),
      peakMb: median(own.map(({ peakBytes }) => peakBytes)) / 1024 ** 2,
    };
  };
  const routes = {
    segments: figures('segments'),
    naive: figures('naive'),
    bare: figures('bare'),
    decode: figures('decode'),
  };
  console.log(
    `${SCENES} mixed clips, ${(SCENES * SCENE_MS) / 1000} s of 1080p; medians of ${rows.length / ROUTES} rounds`,
  );
  console.log(`${'route'.padEnd(12)}   CPU s   wall s  peak MB`);
  for (const [name, { cpu, wall, peakMb }] of Object.entries(routes))
    console.log(name.padEnd(12) + [cpu, wall, peakMb].map((value) => value.toFixed(1).padStart(8)).join(' '));
  return {
    bench: 'render',
    ...compared(routes, quality),
    rounds: rows.map(({ name, children }) => [name, round(children)]),
  };
}

type Routes = Record<'segments' | 'naive' | 'bare' | 'decode', { cpu: number; peakMb: number }>;

function compared({ segments, naive, bare, decode }: Routes, quality: Quality): Record<string, unknown> {
  const [toNaive, toBare] = [segments.cpu / naive.cpu, segments.cpu / bare.cpu];
  const told = (value: number, most: number) =>
    `${round(value)} (at most ${most}${value <= most ? '' : ': missed'})`;
  console.log(`to naive ${told(toNaive, TARGETS.toNaive)}, to bare ${told(toBare, TARGETS.toBare)}`);
  console.log(`to bare and decoding ${round(segments.cpu / (bare.cpu + decode.cpu))}`);
  console.log(`largest program ${told(segments.peakMb, TARGETS.peakMb)} MB`);
  console.log(`SSIM ${quality.segments.toFixed(4)}, naive ${quality.naive.toFixed(4)}`);
  return {
    ratio_to_naive: round(toNaive),
    ratio_to_bare: round(toBare),
    ratio_to_bare_and_decode: round(segments.cpu / (bare.cpu + decode.cpu)),
    segments_cpu_s: round(segments.cpu),
    naive_cpu_s: round(naive.cpu),
    bare_cpu_s: round(bare.cpu),
    decode_cpu_s: round(decode.cpu),
    segments_peak_mb: round(segments.peakMb),
    ssim: Number(quality.segments.toFixed(4)),
    ssim_naive: Number(quality.naive.toFixed(4)),
  };
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return ((sorted[(sorted.length - 1) >> 1] ?? 0) + (sorted[sorted.length >> 1] ?? 0)) / 2;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
