interface Times {
  /** Calls that come together are one. */
  quietMs?: number;
  /** Least time between two runs. */
  gapMs: number;
}

/** Reads something again when it is asked to, not more often than its gap, and never twice at once. */
export class Refetch {
  readonly #read: () => Promise<void>;
  readonly #quietMs: number;
  readonly #gapMs: number;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #running = false;
  #askedMeanwhile = false;
  #freeAtMs = 0;

  /** `read` keeps its own errors. */
  constructor(read: () => Promise<void>, { quietMs = 150, gapMs }: Times) {
    this.#read = read;
    this.#quietMs = quietMs;
    this.#gapMs = gapMs;
  }

  ask(): void {
    if (this.#running) this.#askedMeanwhile = true;
    else
      this.#timer ??= setTimeout(() => void this.now(), Math.max(this.#quietMs, this.#freeAtMs - Date.now()));
  }

  /** At once, unless it runs already; then once more after that. */
  async now(): Promise<void> {
    this.stop();
    if (this.#running) {
      this.#askedMeanwhile = true;
      return;
    }
    this.#running = true;
    const from = Date.now();
    await this.#read();
    this.#running = false;
    // A slow answer is of a busy API: it gets as much rest again.
    this.#freeAtMs = Date.now() + Math.max(this.#gapMs, Date.now() - from);
    const again = this.#askedMeanwhile;
    this.#askedMeanwhile = false;
    if (again) this.ask();
  }

  stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }
}
