import { describe } from 'vitest';
import { FakeApplicationStatusWriter } from './application-status.fake.js';
import { describeResourceStore } from './resource-store.contract.js';
import { FakeResourceStore } from './resource-store.fake.js';

describe('the store in memory', () => {
  describeResourceStore(async () => {
    const store = new FakeResourceStore();
    return {
      store,
      statuses: new FakeApplicationStatusWriter(store),
      forgetLog: async () => store.forgetLog(),
      close: async () => undefined,
    };
  });
});
