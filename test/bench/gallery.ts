import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createAudioSynthesis } from '../../activities/audio-synthesis.ts';
import { createMediaCollection } from '../../activities/media-collection.ts';
import { createCardFootage } from '../../activities/providers/footage-cards.ts';
import { createOfflineLlm } from '../../activities/providers/llm-offline.ts';
import { chooseSpeech } from '../../activities/providers/speech.ts';
import { createQualityValidation } from '../../activities/quality-validation.ts';
import { createScriptGeneration } from '../../activities/script-generation.ts';
import { createVideoRendering } from '../../activities/video-rendering.ts';
import { threadsPerJob } from '../../domain/lanes.ts';
import { ASPECTS, type Aspect } from '../../domain/video.ts';
import { projectRoot } from '../../infra/project-root.ts';
import { NO_SECRETS } from '../../infra/settings/secrets.ts';
import { type FootageWorld, openFootageWorld } from '../io/footage/footage-world.ts';
import { testStage } from '../support/stage-context.ts';
import { ffmpeg } from '../support/synthetic-video.ts';

const FRAMES = 6;
/** Columns and width of a frame, by the shape of the video. */
const SHEET: Record<Aspect, { columns: number; width: number }> = {
  '16:9': { columns: 3, width: 300 },
  '9:16': { columns: 6, width: 150 },
  '1:1': { columns: 3, width: 240 },
};
const SOURCES = ['cards', 'footage'] as const;

/**
 * Makes six finished videos of 15 s, of cards and of footage in each shape, and writes a contact sheet of each to
 * docs/gallery/; with names, those alone. Needs the servers, since footage comes from a local server that speaks Pexels' protocol.
 */
export async function benchGallery(names: string[]): Promise<Record<string, unknown>> {
  const article = await readFile(join(projectRoot, 'examples/deep-sea.md'), 'utf8');
  await mkdir(join(projectRoot, 'docs/gallery'), { recursive: true });
  const world = await openFootageWorld();
  const failed: Record<string, string[]> = {};
  try {
    for (const aspect of ASPECTS) {
      for (const source of SOURCES) {
        const name = `${source}-${aspect.replace(':', 'x')}`;
        if (names.length > 0 && !names.includes(name)) continue;
        failed[name] = await makeSheet(world, { article, aspect, source, name });
        console.log(`${name}: ${failed[name].join(', ') || 'every check passed'}`);
      }
    }
    return { bench: 'gallery', failed };
  } finally {
    await world.close();
  }
}

interface Wanted {
  article: string;
  aspect: Aspect;
  source: (typeof SOURCES)[number];
  name: string;
}

/** Returns the names of the checks that the video failed. */
async function makeSheet(world: FootageWorld, { article, aspect, source, name }: Wanted): Promise<string[]> {
  const { config, artifacts } = world.deps;
  const stage = await testStage({ order: { article, duration: 15, aspect } });
  try {
    const { context } = stage;
    const { fetch } = context;
    context.fetch = (ref) => (ref.key.startsWith('shared/') ? artifacts.open(ref) : fetch(ref));
    const { tools, machine } = config;
    const pictures = source === 'cards' ? createCardFootage() : world.provider();
    const speech = chooseSpeech({ config, secrets: NO_SECRETS });
    const { results } = context;
    results.script_generation = (await createScriptGeneration(createOfflineLlm())(context)).result;
    results.audio_synthesis = (await createAudioSynthesis(speech, { tools, musicDir: null })(context)).result;
    results.media_collection = (await createMediaCollection(pictures)(context)).result;
    const render = createVideoRendering(tools, threadsPerJob(machine.cores), 0);
    results.video_rendering = (await render(context)).result;
    const { result } = await createQualityValidation(tools)(context);
    await contactSheet(await context.fetch(results.video_rendering.video), results.video_rendering.frames, {
      ...SHEET[aspect],
      output: join(projectRoot, 'docs/gallery', `${name}.jpg`),
    });
    return result.checks.filter(({ ok }) => !ok).map((check) => check.name);
  } finally {
    await stage.remove();
  }
}

async function contactSheet(
  video: string,
  frames: number,
  { columns, width, output }: { columns: number; width: number; output: string },
): Promise<void> {
  const every = Math.floor(frames / FRAMES);
  const pick = `select='eq(mod(n,${every}),${Math.floor(every / 2)})',scale=${width}:-2`;
  const tiles = `tile=${columns}x${FRAMES / columns}:padding=6:color=white`;
  await ffmpeg(['-i', video], ['-vf', `${pick},${tiles}`, '-frames:v', '1', '-q:v', '4', output]);
}
