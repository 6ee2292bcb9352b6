import { keyText } from '../document/document-key.js';
import type { StoredDocument } from '../document/stage-write.js';
import type { ResourceKey } from '../resource-store.js';
import type { DocumentRows } from './document-rows.js';

const MAX_BATCH = 1_000;

interface Waiting {
  key: ResourceKey;
  resolve: (stored: StoredDocument | undefined) => void;
  reject: (error: unknown) => void;
}

/** Reads asked for in one turn of the event loop go to the rows in one query, so `Promise.all` over writes is cheap. */
export class RowLoader {
  readonly #rows: DocumentRows;
  readonly #lock: boolean;
  #waiting: Waiting[] = [];

  constructor(rows: DocumentRows, lock: boolean) {
    this.#rows = rows;
    this.#lock = lock;
  }

  load(key: ResourceKey): Promise<StoredDocument | undefined> {
    return new Promise((resolve, reject) => {
      if (this.#waiting.length === 0) queueMicrotask(() => this.#flush());
      this.#waiting.push({ key, resolve, reject });
    });
  }

  #flush(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (let i = 0; i < waiting.length; i += MAX_BATCH) {
      const batch = waiting.slice(i, i + MAX_BATCH);
      this.#loadBatch(batch).catch((error: unknown) => {
        for (const { reject } of batch) reject(error);
      });
    }
  }

  async #loadBatch(batch: readonly Waiting[]): Promise<void> {
    const keys = new Map(batch.map(({ key }) => [keyText(key), key]));
    const found = await this.#rows.load([...keys.values()], this.#lock);
    const byKey = new Map([...keys.keys()].map((text, i) => [text, found[i]]));
    for (const { key, resolve } of batch) resolve(byKey.get(keyText(key)));
  }
}
