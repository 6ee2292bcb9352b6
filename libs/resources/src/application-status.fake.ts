import { isObject, jsonEqual } from '@flotilla/kernel';
import type { FakeResourceStore } from './resource-store.fake.js';
import { ApplicationStatusWriter, type StatusRow, type WriteContext } from './resource-store.js';

/** Statuses written into the fake store, by the rules of the adapter. */
export class FakeApplicationStatusWriter extends ApplicationStatusWriter {
  readonly #store: FakeResourceStore;

  constructor(store: FakeResourceStore) {
    super();
    this.#store = store;
  }

  override async upsert(rows: readonly StatusRow[], context: WriteContext): Promise<void> {
    for (const { namespace, name, uid, status } of rows) {
      const key = { kind: 'Application', namespace, name };
      const before = (await this.#store.get(key))?.status;
      if (jsonEqual(before, status)) continue;
      this.#store.writeStatus(key, uid, status, summary(before) !== summary(status), context);
    }
  }
}

function summary(status: unknown): string {
  const { sync, health, operationState } = isObject(status) ? status : {};
  const field = (part: unknown, name: string) => (isObject(part) ? String(part[name] ?? '') : '');
  return [field(sync, 'status'), field(health, 'status'), field(operationState, 'phase')].join('|');
}
