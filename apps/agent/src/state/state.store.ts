/**
 * Where the agent keeps what it must not lose, as named byte strings. Names are lower-case letters, digits, `-` and one `/`.
 * A write is atomic and durable when it resolves; a read answers undefined for what was never written and throws
 * StateCorruptError for what cannot be trusted, never a shortened value.
 */
export abstract class StateStore {
  abstract read(name: string): Promise<Uint8Array | undefined>;
  abstract write(name: string, bytes: Uint8Array): Promise<void>;
  /** Several at once, each as by `write`; cheaper where durability has a price per call. */
  async writeAll(entries: readonly (readonly [name: string, bytes: Uint8Array])[]): Promise<void> {
    for (const [name, bytes] of entries) await this.write(name, bytes);
  }
  abstract remove(name: string): Promise<void>;
  /** Names below `prefix/`. */
  abstract list(prefix: string): Promise<string[]>;
}
