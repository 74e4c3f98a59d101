import { batch, type Signal, signal } from '@preact/signals';
import { endsStream, type PipelineEvent } from '../../../domain/events.ts';
import { isFinal } from '../../../domain/video.ts';
import { ApiError, call, wordsOf } from '../api.ts';
import { isEvent, openStream, type Snapshot, type Stream } from '../stream.ts';
import { type LogLine, withEvent } from './log-lines.ts';
import type { Running } from './stage-rows.ts';
import type { Video, VideoCosts } from './video-answers.ts';

/** Events come in bursts; the row is read once for all that come within this. */
const GATHER_MS = 120;

/** One video as the page knows it, kept current by its event stream. */
export class WatchedVideo {
  readonly video = signal<Video | null>(null);
  readonly costs = signal<VideoCosts | null>(null);
  readonly running = signal<ReadonlyMap<string, Running>>(new Map());
  readonly log = signal<readonly LogLine[]>([]);
  /** Why there is nothing to show; empty while there is. */
  readonly fault = signal('');
  readonly stream: Signal<Stream | null> = signal(null);
  readonly #id: string;
  readonly #over = new AbortController();
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** There is no such video, or no key for it: nothing to follow. */
  #refused = false;
  /** Grows with each row that came; a reading that was asked for before is older than it. */
  #seen = 0;

  constructor(id: string) {
    this.#id = id;
    void this.#begin();
  }

  /** Takes a row that a move has answered. */
  put(video: Video): void {
    this.#show(video);
    this.#readSoon();
  }

  /** Of a video that has ended no event tells that somebody else makes it again. */
  lookAgain(): void {
    if (this.stream.peek()?.state.peek().kind === 'ended') this.#readSoon();
  }

  close(): void {
    this.#over.abort();
    clearTimeout(this.#timer);
    this.stream.peek()?.close();
  }

  async #begin(): Promise<void> {
    await this.#read();
    if (!this.#refused) this.#follow();
  }

  #follow(): void {
    this.stream.peek()?.close();
    if (this.#over.signal.aborted) return;
    this.running.value = new Map();
    this.stream.value = openStream(`/pipeline/stream/${this.#id}`, {
      onEvent: (event) => this.#take(event),
      onSnapshot: (snapshot) => this.#show(snapshot as Snapshot & Video),
      onCurrent: () => this.#readSoon(),
    });
  }

  /** A video that is made again gets a new stream, whoever has asked for it and however the page came to know. */
  #show(video: Video): void {
    this.#seen += 1;
    this.video.value = video;
    const told = this.stream.peek()?.state.peek().kind === 'ended';
    if (told && !isFinal(video.status)) this.#follow();
  }

  #take(event: PipelineEvent): void {
    if (isEvent(event, 'stage.progress')) {
      this.#note(event.stage, { percent: event.percent, note: event.note ?? '' });
      return;
    }
    batch(() => {
      if (isEvent(event, 'stage.started')) this.#note(event.stage, { percent: 0, note: '' });
      this.log.value = withEvent(this.log.peek(), event);
    });
    if (endsStream(event.type)) void this.#read();
    else this.#readSoon();
  }

  #note(stage: string, running: Running): void {
    this.running.value = new Map(this.running.peek()).set(stage, running);
  }

  #readSoon(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      void this.#read();
    }, GATHER_MS);
  }

  async #read(): Promise<void> {
    const seen = this.#seen;
    try {
      const options = { signal: this.#over.signal };
      const [video, costs] = await Promise.all([
        call<Video>(`/pipeline/status/${this.#id}`, options),
        call<VideoCosts>(`/costs/video/${this.#id}`, options),
      ]);
      batch(() => {
        if (seen === this.#seen) this.#show(video);
        // Another row has come meanwhile, and nobody knows which is the newer one.
        else this.#readSoon();
        this.costs.value = costs;
        this.fault.value = '';
      });
    } catch (error) {
      if (!this.#over.signal.aborted) this.#fail(error);
    }
  }

  /** What is on the page stays there: the stream says how old it is. */
  #fail(error: unknown): void {
    const status = error instanceof ApiError ? error.status : 0;
    const gone = status === 404 || status === 410;
    this.#refused = gone || status === 401;
    if (gone) this.video.value = null;
    if (!this.video.peek()) this.fault.value = wordsOf(error);
  }
}
