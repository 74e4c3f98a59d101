import { loadImage } from '@napi-rs/canvas';
import type { CardMedia, FootageMedia, SceneMedia } from '../../domain/results.ts';
import { type ArtifactRef, FRAME_RATE } from '../../domain/video.ts';
import type { StageContext } from '../stage.ts';
import { clipFilters } from './clip-filters.ts';
import { type Frame, pan, still, wordFilters } from './segment-args.ts';
import { FADE_FRAMES, fadeInto, type Stretch, stretchesOf } from './stretches.ts';
import type { SceneSpan } from './timeline.ts';

/** A file that a scene is drawn from, with the options before its name. */
export interface Source {
  options: string[];
  path: string;
  sha256: string;
}

export interface SceneGraph {
  sources: Source[];
  /** Ends in [out]. */
  filters: string[];
}

/** A scene, and the frames that it has in the video. */
export interface ScenePart {
  span: SceneSpan;
  media: SceneMedia;
}

/**
 * Inputs and filters of a scene. With footage on either side of its start, it begins with the frames that the
 * scene before would have gone on with, fading: so no segment needs another, and borders fade all the same.
 */
export async function sceneGraph(
  context: StageContext,
  frame: Frame,
  part: ScenePart,
  before: ScenePart | undefined,
): Promise<SceneGraph> {
  const graph = new Graph(context, frame);
  let picture = await graph.picture(part);
  if (before && (before.media.kind === 'footage' || part.media.kind === 'footage')) {
    const tail = await graph.tail(before, fadeInto(part.span));
    picture = graph.over(picture, tail, 'border');
  }
  const words = await graph.read(part.media.overlay, STILL_OPTIONS);
  graph.filters.push(...wordFilters(part.span, picture, words));
  return { sources: graph.sources, filters: graph.filters };
}

/** A file name is taken as it is, even with a per cent sign, which would name a series of pictures. */
const STILL_OPTIONS = ['-f', 'image2', '-pattern_type', 'none', '-framerate', String(FRAME_RATE)];

/** Only files, and only the format that was checked when the clip was collected: a clip must not open others. */
const CLIP_OPTIONS = ['-protocol_whitelist', 'file,pipe', '-f', 'mov'];

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
  async read(file: ArtifactRef, options: string[]): Promise<string> {
    const path = await this.#context.fetch(file);
    return `[${this.sources.push({ options, path, sha256: file.sha256 }) - 1}:v:0]`;
  }

  /** The frames of a scene without words; returns their label. */
  picture({ span, media }: ScenePart): Promise<string> {
    return media.kind === 'card' ? this.#card(span, media, 0, '[card]') : this.#footage(span, media);
  }

  /** What follows the last frame of a scene, on a stream that fades away. */
  async tail({ span, media }: ScenePart, frames: number): Promise<string> {
    const source =
      media.kind === 'card'
        ? await this.#card(span, media, span.frames, '[past]')
        : await this.#clipEnd(span, media);
    this.filters.push(`${source}${fadingFrom(0, frames)}[tail]`);
    return '[tail]';
  }

  /** Lays a fading stream over the start of another. */
  over(picture: string, tail: string, name: string): string {
    this.filters.push(`${picture}${tail}overlay=eof_action=pass:format=yuv420[${name}]`);
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

  async #footage(span: SceneSpan, media: FootageMedia): Promise<string> {
    const stretches = stretchesOf(media.clips, span.frames);
    const shown: string[] = [];
    for (const [i, stretch] of stretches.entries()) {
      const clip = await this.#clip(stretch, 0, `clip${i}`);
      const last = i === stretches.length - 1;
      const body = `trim=end_frame=${stretch.frames}`;
      this.filters.push(
        ...(last
          ? [`${clip}${body}[body${i}]`]
          : [
              `${clip}split[now${i}][on${i}]`,
              `[now${i}]${body}[body${i}]`,
              `[on${i}]${fadingFrom(stretch.frames, FADE_FRAMES)}[tail${i}]`,
            ]),
      );
      shown.push(i === 0 ? '[body0]' : this.over(`[body${i}]`, `[tail${i - 1}]`, `part${i}`));
    }
    if (shown.length === 1) return '[body0]';
    this.filters.push(`${shown.join('')}concat=n=${shown.length},settb=1/${FRAME_RATE},setpts=N[footage]`);
    return '[footage]';
  }

  /** The last clip of a scene from where the scene leaves it. */
  async #clipEnd(span: SceneSpan, media: FootageMedia): Promise<string> {
    const last = stretchesOf(media.clips, span.frames).at(-1);
    if (!last) throw new Error(`scene ${span.scene + 1} has no clips`);
    return this.#clip(last, last.frames, 'past');
  }

  /** A clip from a frame on, as frames of the video; its last one is held should it end too early. */
  async #clip({ clip, speed, rounds }: Stretch, from: number, name: string): Promise<string> {
    const startMs = ((from * 1000) / FRAME_RATE) * speed;
    const options = [...CLIP_OPTIONS, '-an'];
    if (rounds > 1) options.push('-stream_loop', String(rounds - 1));
    if (startMs > 0) options.push('-ss', ((startMs % clip.durationMs) / 1000).toFixed(6));
    const input = await this.read(clip.file, options);
    this.filters.push(clipFilters(clip, this.#frame, speed, input, `[${name}raw]`));
    this.filters.push(`[${name}raw]tpad=stop=-1:stop_mode=clone[${name}]`);
    return `[${name}]`;
  }
}

/** A few frames of a stream, from opaque to clear, on a clock that starts at nought. */
function fadingFrom(first: number, frames: number): string {
  const cut = `trim=start_frame=${first}:end_frame=${first + frames},setpts=PTS-STARTPTS`;
  return `${cut},format=yuva420p,fade=t=out:s=0:n=${frames}:alpha=1`;
}
