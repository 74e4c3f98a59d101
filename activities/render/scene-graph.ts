import { loadImage } from '@napi-rs/canvas';
import type { CardMedia, FootageMedia } from '../../domain/results.ts';
import { type ArtifactRef, FRAME_RATE } from '../../domain/video.ts';
import { CLIP_INPUT } from '../footage/inspect.ts';
import type { StageContext } from '../stage.ts';
import { clipFilters } from './clip-filters.ts';
import type { ScenePart } from './scene-parts.ts';
import { type Frame, pan, still, wordFilters } from './segment-args.ts';
import { FADE_FRAMES, type Stretch, stretchesOf } from './stretches.ts';
import type { SceneSpan } from './timeline.ts';
import { wordBox } from './word-box.ts';
import { zoom } from './zoom.ts';

/** A file that a scene is drawn from, with the options before its name. */
export interface Source {
  options: string[];
  path: string;
  sha256: string;
  /** It is decoded by one thread: each further one holds frames of its own. */
  frugal: boolean;
}

export interface SceneGraph {
  sources: Source[];
  /** Ends in [out]. */
  filters: string[];
}

/** Inputs and filters of a scene, and of the start of the next one where that fades in. */
export async function sceneGraph(
  context: StageContext,
  frame: Frame,
  part: ScenePart,
  next: ScenePart | undefined,
): Promise<SceneGraph> {
  const graph = new Graph(context, frame);
  let picture = await graph.picture(part);
  if (next && next.lead > 0) picture = await graph.fadeIn(picture, part.span.frames - next.lead, next);
  const words = await graph.read(part.media.overlay, STILL_OPTIONS);
  const box = await wordBox(await context.fetch(part.media.overlay));
  graph.filters.push(...wordFilters(part.span, picture, words, box));
  return { sources: graph.sources, filters: graph.filters };
}

/** A file name is taken as it is, even with a per cent sign, which would name a series of pictures. */
const STILL_OPTIONS = ['-f', 'image2', '-pattern_type', 'none', '-framerate', String(FRAME_RATE)];

/** A frame of a clip beyond Full HD takes 12 MB: memory counts for more than the second core then. */
const LARGE_PIXELS = 2560 * 1440;

class Graph {
  readonly sources: Source[] = [];
  readonly filters: string[] = [];
  readonly #context: StageContext;
  readonly #frame: Frame;

  constructor(context: StageContext, frame: Frame) {
    this.#context = context;
    this.#frame = frame;
  }

  /** Adds an input and returns its label. */
  async read(file: ArtifactRef, options: string[], frugal = false): Promise<string> {
    const path = await this.#context.fetch(file);
    return `[${this.sources.push({ options, path, sha256: file.sha256, frugal }) - 1}:v:0]`;
  }

  /** The frames of a scene without words; returns their label. */
  picture({ span, media, lead }: ScenePart): Promise<string> {
    return media.kind === 'card' ? this.#card(span, media, 0, '[card]') : this.#footage(span, media, lead);
  }

  /** Fades the start of the next scene in, from a frame on. */
  async fadeIn(picture: string, from: number, { span, media, lead }: ScenePart): Promise<string> {
    const start =
      media.kind === 'card'
        ? await this.#card(span, media, -lead, '[coming]')
        : await this.#clip(firstOf(stretchesOf(media.clips, span.frames + lead)), 'coming', true);
    const fade = `fade=t=in:s=0:n=${lead}:alpha=1,setpts=PTS+${from}`;
    this.filters.push(`${start}trim=end_frame=${lead},format=yuva420p,${fade}[next]`);
    return this.#over(picture, '[next]', 'border');
  }

  /** Lays a short stream over another. */
  #over(picture: string, short: string, name: string): string {
    this.filters.push(`${picture}${short}overlay=eof_action=pass:format=yuv420[${name}]`);
    return `[${name}]`;
  }

  async #card(span: SceneSpan, media: CardMedia, shift: number, output: string): Promise<string> {
    const input = await this.read(media.background, STILL_OPTIONS);
    const { width, height } = await loadImage(await this.#context.fetch(media.background));
    this.filters.push(
      `${input}${still('yuv420p')},${pan(span, this.#frame, { width, height }, shift)}${output}`,
    );
    return output;
  }

  async #footage(span: SceneSpan, media: FootageMedia, lead: number): Promise<string> {
    const stretches = stretchesOf(media.clips, span.frames + lead);
    const shown: string[] = [];
    for (const [i, stretch] of stretches.entries()) {
      const clip = await this.#clip(stretch, `clip${i}`);
      this.filters.push(...divided(clip, i, i === 0 ? lead : 0, stretch, i === stretches.length - 1));
      shown.push(i === 0 ? '[body0]' : this.#over(`[body${i}]`, `[tail${i - 1}]`, `part${i}`));
    }
    if (shown.length === 1) return '[body0]';
    this.filters.push(`${shown.join('')}concat=n=${shown.length},settb=1/${FRAME_RATE},setpts=N[footage]`);
    return '[footage]';
  }

  /** A clip as frames of the video, of which a `glance` takes a few; its last one is held should it end too early. */
  async #clip({ clip, frames, speed, rounds }: Stretch, name: string, glance = false): Promise<string> {
    if (clip.still) {
      const image = await this.read(clip.file, STILL_OPTIONS);
      this.filters.push(
        `${image}${zoom(clip, this.#frame, frames + FADE_FRAMES)},tpad=stop=-1:stop_mode=clone[${name}]`,
      );
      return `[${name}]`;
    }
    const loop = rounds > 1 ? ['-stream_loop', String(rounds - 1)] : [];
    const frugal = glance || clip.width * clip.height > LARGE_PIXELS;
    const input = await this.read(clip.file, [...CLIP_INPUT, '-an', ...loop], frugal);
    this.filters.push(clipFilters(clip, this.#frame, speed, input, `[${name}raw]`));
    this.filters.push(`[${name}raw]tpad=stop=-1:stop_mode=clone[${name}]`);
    return `[${name}]`;
  }
}

/** A clip's turn from frame `lead` on, and, unless it is the last, what fades away over the next clip. */
function divided(clip: string, i: number, lead: number, { frames }: Stretch, last: boolean): string[] {
  const body = `trim=start_frame=${lead}:end_frame=${frames},setpts=PTS-STARTPTS`;
  if (last) return [`${clip}${body}[body${i}]`];
  const fade = `format=yuva420p,fade=t=out:s=0:n=${FADE_FRAMES}:alpha=1`;
  return [
    `${clip}split[now${i}][on${i}]`,
    `[now${i}]${body}[body${i}]`,
    `[on${i}]trim=start_frame=${frames}:end_frame=${frames + FADE_FRAMES},setpts=PTS-STARTPTS,${fade}[tail${i}]`,
  ];
}

function firstOf(stretches: readonly Stretch[]): Stretch {
  const [first] = stretches;
  if (!first) throw new Error('a scene of footage has no clips');
  return first;
}
