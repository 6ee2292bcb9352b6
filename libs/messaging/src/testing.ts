export { FakeMessageBus } from './bus/message-bus.fake.js';
