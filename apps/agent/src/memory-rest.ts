/** After this long without news: by then idle connections are closed and the backup in the cluster is written. */
const REST_AFTER_MS = 8_000;

type Collect = (options?: { type: 'major'; execution: 'sync'; flavor: 'last-resort' }) => void;

/**
 * Gives memory back once an agent comes to rest: V8 would keep what a burst of work needed until the next burst. The process has
 * a collector to call where it was started with `--expose-gc`, as AGENT_PROCESS does; elsewhere nothing happens.
 */
export class MemoryRest {
  readonly #collect: Collect | undefined;
  readonly #restAfterMs: number;
  #timer: NodeJS.Timeout | undefined;

  constructor(collect: Collect | undefined = globalThis.gc as Collect | undefined, restAfterMs = REST_AFTER_MS) {
    this.#collect = collect;
    this.#restAfterMs = restAfterMs;
  }

  /** Something was done; the rest begins anew. */
  touched(): void {
    const collect = this.#collect;
    if (!collect) return;
    if (this.#timer) this.#timer.refresh();
    else this.#timer = setTimeout(() => collect({ type: 'major', execution: 'sync', flavor: 'last-resort' }), this.#restAfterMs).unref();
  }

  stop(): void {
    clearTimeout(this.#timer);
  }
}
