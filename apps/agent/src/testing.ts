export { FakeHub } from './link/hub.link.fake.js';
export { FakeStateStore } from './state/state.store.fake.js';
