import { batch, type Signal, signal } from '@preact/signals';
import type { PipelineEvent } from '../../domain/events.ts';
import type { VideoLine } from './answers.ts';
import { rowAfter, rowOf, type VideoRow } from './video-row.ts';

/**
 * The videos that the page knows, one signal each, so that an event draws one row again and not the list.
 * `membership` changes when one comes, goes, or changes what the list is sorted and filtered by.
 */
export class VideoStore {
  readonly membership = signal(0);
  readonly #rows = new Map<string, Signal<VideoRow>>();
  /** Events since a list was asked for: the answer may be older than they are. */
  #since: PipelineEvent[] | null = null;

  row(id: string): Signal<VideoRow> | undefined {
    return this.#rows.get(id);
  }

  /** Subscribes to membership alone. */
  all(): VideoRow[] {
    void this.membership.value;
    return [...this.#rows.values()].map((row) => row.peek());
  }

  /** Applies an event; false when it is of a video that is not here. */
  take(event: PipelineEvent): boolean {
    this.#since?.push(event);
    return this.#patch(event);
  }

  /** To be called before a list is asked for that {@link replaceOpen} then gets. */
  beginList(): void {
    this.#since = [];
  }

  /**
   * Puts in a list of all open videos. An open video that is not in it has ended meanwhile or is gone: its events
   * or a list of ended ones tell how, until then it is left out.
   */
  replaceOpen(lines: readonly VideoLine[]): void {
    const open = new Set(lines.map(({ video_id }) => video_id));
    batch(() => {
      for (const [id, row] of this.#rows) {
        const { status } = row.peek();
        if ((status === 'queued' || status === 'processing') && !open.has(id)) this.#rows.delete(id);
      }
      this.#put(lines);
      for (const event of this.#since ?? []) this.#patch(event);
      this.#since = null;
      this.membership.value += 1;
    });
  }

  /** Adds or renews videos, ended ones for example. */
  put(lines: readonly VideoLine[]): void {
    batch(() => {
      this.#put(lines);
      this.membership.value += 1;
    });
  }

  #put(lines: readonly VideoLine[]): void {
    for (const line of lines) {
      const row = this.#rows.get(line.video_id);
      if (row) row.value = merged(row.peek(), rowOf(line));
      else this.#rows.set(line.video_id, signal(rowOf(line)));
    }
  }

  #patch(event: PipelineEvent): boolean {
    const row = event.video_id === null ? undefined : this.#rows.get(event.video_id);
    if (!row) return false;
    const before = row.peek();
    row.value = rowAfter(before, event);
    if (before.status !== row.peek().status) this.membership.value += 1;
    return true;
  }
}

/** A list guesses the percent of a running stage; what an event told of the same stage is better. */
function merged(before: VideoRow, after: VideoRow): VideoRow {
  const stages = { ...after.stages };
  for (const name of Object.keys(stages) as (keyof typeof stages)[]) {
    if (stages[name].state === 'running' && before.stages[name].state === 'running') {
      stages[name] = before.stages[name];
    }
  }
  return { ...after, stages };
}
