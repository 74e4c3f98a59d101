import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createAudioSynthesis } from '../../activities/audio-synthesis.ts';
import { createMediaCollection } from '../../activities/media-collection.ts';
import { createCardFootage } from '../../activities/providers/footage-cards.ts';
import { createOfflineLlm } from '../../activities/providers/llm-offline.ts';
import { chooseSpeech } from '../../activities/providers/speech.ts';
import { createQualityValidation } from '../../activities/quality-validation.ts';
import { createScriptGeneration } from '../../activities/script-generation.ts';
import type { StageWork } from '../../activities/stage.ts';
import { createUploadPreparation } from '../../activities/upload-preparation.ts';
import { createVideoRendering } from '../../activities/video-rendering.ts';
import { threadsPerJob } from '../../domain/lanes.ts';
import type { StageResults } from '../../domain/results.ts';
import type { StageName } from '../../domain/stages.ts';
import { projectRoot } from '../../infra/project-root.ts';
import { readConfig } from '../../infra/settings/config.ts';
import { readEnv } from '../../infra/settings/env.ts';
import { NO_SECRETS } from '../../infra/settings/secrets.ts';
import { testStage } from '../support/stage-context.ts';
import { encodeAlone, type Measured, measure, readyFrames } from './render-floor.ts';

/** A render needs no server; the configuration wants addresses all the same. */
const NO_SERVERS = { DATABASE_URL: 'none', REDIS_URL: 'none', TEMPORAL_ADDRESS: 'none' };

/** A video is made faster than it plays. */
const MOST_S = 60;

/**
 * Makes one offline video of about 60 s, stage by stage, and tells the seconds of each, audio and pictures side by side
 * as in production, and their sum; CPU seconds of this process, and of the programs that it ran. Beside it, in the same
 * run: the same frames, decoded, encoded once with the same arguments.
 */
export async function benchVideo(): Promise<Record<string, unknown>> {
  const config = readConfig({ ...readEnv(), ...NO_SERVERS });
  const { tools, machine } = config;
  const article = await readFile(join(projectRoot, 'examples/deep-sea.md'), 'utf8');
  const stage = await testStage({ order: { article, duration: 60 } });
  try {
    const results: Partial<StageResults> = {};
    const rows: Measured[] = [];
    const run = async <T extends StageName>(name: T, work: StageWork<T>) => {
      const row = await measure(name, async () => {
        const { context } = await stage.again({ order: { article, duration: 60 }, results, stage: name });
        results[name] = (await work(context)).result as StageResults[T] & Partial<StageResults>[T];
      });
      rows.push(row);
    };
    await run('script_generation', createScriptGeneration(createOfflineLlm()));
    await run(
      'audio_synthesis',
      createAudioSynthesis(chooseSpeech({ config, secrets: NO_SECRETS }), { tools, musicDir: null }),
    );
    await run('media_collection', createMediaCollection(createCardFootage()));
    await run(
      'video_rendering',
      createVideoRendering(tools, threadsPerJob(machine.cores), config.minFreeDiskBytes),
    );
    await run('quality_validation', createQualityValidation(tools));
    await run('upload_preparation', createUploadPreparation(tools));
    const video = results.video_rendering && (await stage.context.fetch(results.video_rendering.video));
    if (!video) throw new Error('the render left no video');
    const raw = await readyFrames(tools.ffmpeg, stage.root, video);
    rows.push(await encodeAlone(tools.ffmpeg, stage.root, raw));
    return report(rows, results);
  } finally {
    await stage.remove();
  }
}

function report(rows: Measured[], results: Partial<StageResults>): Record<string, unknown> {
  const seconds = (results.video_rendering?.durationMs ?? 0) / 1000;
  const render = rows.find((row) => row.name === 'video_rendering')?.children ?? 0;
  const alone = rows.at(-1)?.children ?? 0;
  const total = secondsOf(rows.slice(0, -1));
  console.log(`offline video of ${seconds.toFixed(1)} s; CPU seconds`);
  console.log(`${'stage'.padEnd(32)} programs      own     wall`);
  for (const { name, children, own, wall } of rows) {
    console.log(
      name.padEnd(32) + [children, own, wall].map((value) => value.toFixed(2).padStart(8)).join(' '),
    );
  }
  const verdict = total <= MOST_S ? 'faster than it plays' : `more than ${MOST_S} s`;
  console.log(`made in ${total.toFixed(1)} s: ${verdict}`);
  return {
    bench: 'video',
    total_s: round(total),
    most_s: MOST_S,
    wall_s: Object.fromEntries(rows.map(({ name, wall }) => [name, round(wall)])),
    video_s: Math.round(seconds * 10) / 10,
    render_cpu_s: round(render),
    render_cpu_s_per_60_s: round((render * 60) / seconds),
    encode_alone_cpu_s: round(alone),
    ratio: round(render / alone),
    stages: Object.fromEntries(rows.map(({ name, children, own }) => [name, round(children + own)])),
  };
}

/** Pictures are collected while the narration is spoken. */
function secondsOf(stages: readonly Measured[]): number {
  const wall = (name: StageName) => stages.find((row) => row.name === name)?.wall ?? 0;
  const all = stages.reduce((sum, row) => sum + row.wall, 0);
  return all - Math.min(wall('audio_synthesis'), wall('media_collection'));
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
