import { StateStore } from './state.store.js';

/** In memory. */
export class FakeStateStore extends StateStore {
  readonly #kept = new Map<string, Uint8Array>();

  async read(name: string): Promise<Uint8Array | undefined> {
    const bytes = this.#kept.get(name);
    return bytes && Uint8Array.from(bytes);
  }

  async write(name: string, bytes: Uint8Array): Promise<void> {
    this.#kept.set(name, Uint8Array.from(bytes));
  }

  async remove(name: string): Promise<void> {
    this.#kept.delete(name);
  }

  async list(prefix: string): Promise<string[]> {
    return [...this.#kept.keys()].filter((name) => name.startsWith(`${prefix}/`)).sort();
  }
}
