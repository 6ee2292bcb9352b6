export { FakeMessageBus } from './bus/message-bus.fake.js';
export { TestSpoke, type TestSpokeOptions } from './bus/test-spoke.js';
