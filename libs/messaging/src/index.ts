export { type BinaryReply, MessageBus, type MessageContext, type Route, type SpokeMessage } from './route.js';
