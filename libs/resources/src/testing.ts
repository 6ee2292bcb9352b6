export { FakeApplicationStatusWriter } from './application-status.fake.js';
export { FakeResourceStore } from './resource-store.fake.js';
