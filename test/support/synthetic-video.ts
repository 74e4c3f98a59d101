import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createCanvas } from '@napi-rs/canvas';
import { runChild } from '../../activities/child.ts';
import type {
  AudioResult,
  Clip,
  MediaResult,
  SceneMedia,
  ScriptResult,
  TimedSentence,
} from '../../domain/results.ts';
import { type Aspect, FRAME_SIZE } from '../../domain/video.ts';
import type { TestStage } from './stage-context.ts';

/** What a finished video says of its colours, as arguments of ffmpeg. */
export const BT709 = [
  '-colorspace',
  'bt709',
  '-color_primaries',
  'bt709',
  '-color_trc',
  'bt709',
  '-color_range',
  'tv',
];

export interface SyntheticScene {
  text: string;
  ms: number;
}

const HUES = [205, 285, 25, 140];

/** A clip to make: what ffmpeg draws it from, how it is written, and what a probe would say of it. */
export interface SyntheticClip extends Pick<Clip, 'width' | 'height' | 'fps' | 'colorSpace' | 'durationMs'> {
  name: string;
  args: readonly string[];
}

const X264 = ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p'];

/** A second and a half of moving bars, small and without colour tags. */
export const MOVING: SyntheticClip = {
  name: 'moving',
  args: drawn('testsrc2=size=640x360:rate=24:duration=1.5'),
  ...{ width: 640, height: 360, fps: 24, colorSpace: null, durationMs: 1500 },
};

/** Arguments that draw a clip by ffmpeg's own sources. */
export function drawn(source: string, options: readonly string[] = []): string[] {
  return ['-f', 'lavfi', '-i', source, ...X264, ...options];
}

/** Makes clips and stores them; returns them as a collected scene names them. */
export async function storeClips(stage: TestStage, clips: readonly SyntheticClip[]): Promise<Clip[]> {
  const made: Clip[] = [];
  for (const { name, args, ...facts } of clips) {
    const path = join(stage.root, `${name}.mp4`);
    await ffmpeg([], [...args, path]);
    const file = await stage.store(path, `media/${name}.mp4`);
    const licence = { source: 'pexels', id: name, author: 'A. Maker', licence: 'Pexels License' };
    made.push({ file, ...facts, licence: { ...licence, sha256: file.sha256 } });
  }
  return made;
}

/** Shows clips in a scene instead of its card. */
export function showClips(stage: TestStage, scene: number, clips: Clip[]): void {
  const { scenes } = stage.context.results.media_collection ?? { scenes: [] };
  const card = scenes[scene];
  if (!card) throw new Error(`there is no scene ${scene}`);
  scenes[scene] = { kind: 'footage', clips, overlay: card.overlay };
}

/** Stores pictures and a tone for a small video and sets the results of the first three stages. */
export async function storeSyntheticVideo(
  stage: TestStage,
  scenes: readonly SyntheticScene[],
): Promise<void> {
  const { aspect } = stage.context.order;
  const durationMs = scenes.reduce((sum, scene) => sum + scene.ms, 0);
  stage.context.results = {
    script_generation: scriptOf(scenes),
    audio_synthesis: await audioOf(stage, scenes, durationMs),
    media_collection: await mediaOf(stage, scenes.length, aspect),
  };
}

function scriptOf(scenes: readonly SyntheticScene[]): ScriptResult {
  return {
    title: 'The <deep> sea',
    description: 'A short look\nat the deep sea & its <dark>.',
    tags: ['sea', 'Sea', 'deep water'],
    language: 'en',
    source: 'script',
    scenes: scenes.map((scene, i) => ({
      heading: `Scene ${i + 1}`,
      card: {
        kind: i % 2 === 0 ? 'title' : 'bullets',
        kicker: 'Deep sea',
        title: scene.text,
        bullets: ['dark', 'cold'],
      },
      sentences: [scene.text],
      keywords: ['sea'],
    })),
  };
}

async function audioOf(
  stage: TestStage,
  scenes: readonly SyntheticScene[],
  durationMs: number,
): Promise<AudioResult> {
  const path = join(stage.root, 'narration.wav');
  // A tone at -14 LUFS once it is stereo.
  await ffmpeg(
    ['-f', 'lavfi', '-i', `sine=frequency=440:sample_rate=48000:duration=${durationMs / 1000}`],
    [...['-af', 'volume=7.5dB', '-ac', '1', path]],
  );
  const starts = scenes.map((_, i) => scenes.slice(0, i).reduce((sum, scene) => sum + scene.ms, 0));
  return {
    narration: await stage.store(path, 'audio/narration.wav'),
    durationMs,
    sceneStartsMs: starts,
    sentences: scenes.map((scene, i) => sentenceOf(scene, i, starts[i] ?? 0)),
    loudnessLufs: -14,
    truePeakDbtp: -1.5,
    voice: 'flite',
  };
}

function sentenceOf(scene: SyntheticScene, index: number, startMs: number): TimedSentence {
  const words = scene.text.split(' ');
  const step = scene.ms / words.length;
  return {
    text: scene.text,
    scene: index,
    startMs,
    endMs: startMs + scene.ms,
    words: words.map((text, i) => ({ text, startMs: startMs + i * step, endMs: startMs + (i + 1) * step })),
  };
}

async function mediaOf(stage: TestStage, count: number, aspect: Aspect): Promise<MediaResult> {
  const { width, height } = FRAME_SIZE[aspect];
  const scenes: SceneMedia[] = [];
  for (let i = 0; i < count; i += 1) {
    const background = await stored(
      stage,
      `background-${i}.jpg`,
      await backdrop(width * 1.2, height * 1.2, i),
    );
    const overlay = await stored(stage, `overlay-${i}.png`, await card(width, height, i));
    const licence = {
      source: 'cards',
      id: `card-${i}`,
      author: 'YTEMPIRE',
      licence: 'own',
      sha256: background.sha256,
    };
    scenes.push({ kind: 'card', background, overlay, licence });
  }
  return { scenes };
}

async function backdrop(width: number, height: number, index: number): Promise<Buffer> {
  const canvas = createCanvas(Math.round(width), Math.round(height));
  const draw = canvas.getContext('2d');
  const hue = HUES[index % HUES.length] ?? 0;
  const wash = draw.createLinearGradient(0, 0, width, height);
  wash.addColorStop(0, `hsl(${hue} 60% 22%)`);
  wash.addColorStop(1, `hsl(${hue + 40} 55% 38%)`);
  draw.fillStyle = wash;
  draw.fillRect(0, 0, width, height);
  draw.strokeStyle = 'rgba(255,255,255,0.35)';
  draw.lineWidth = 3;
  for (let x = 0; x < width; x += 120) draw.strokeRect(x, 100, 60, height - 200);
  return canvas.encode('jpeg', 90);
}

async function card(width: number, height: number, index: number): Promise<Buffer> {
  const canvas = createCanvas(width, height);
  const draw = canvas.getContext('2d');
  draw.fillStyle = '#ffffff';
  draw.font = `bold ${Math.round(height / 12)}px sans-serif`;
  draw.fillText(`Scene ${index + 1}`, width * 0.1, height * 0.35);
  draw.fillStyle = '#ff8000';
  draw.fillRect(width * 0.1, height * 0.4, width * 0.2, height * 0.02);
  return canvas.encode('png');
}

async function stored(stage: TestStage, name: string, bytes: Buffer) {
  const path = join(stage.root, name);
  await writeFile(path, bytes);
  return stage.store(path, `media/${name}`);
}

/** Runs ffmpeg quietly, overwriting its output. */
export async function ffmpeg(input: readonly string[], output: readonly string[]): Promise<void> {
  await runChild('ffmpeg', ['-v', 'error', '-y', ...input, ...output], {
    signal: AbortSignal.timeout(300_000),
  });
}
