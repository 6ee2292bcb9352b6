export { FakeHub } from './link/hub.link.fake.js';
export { AgentState } from './state/agent-state.js';
export { DiskStateStore } from './state/state.store.disk.js';
export { FakeStateStore } from './state/state.store.fake.js';
