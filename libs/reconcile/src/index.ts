export { type Backoff, backoffMs, DEFAULT_BACKOFF } from './backoff.js';
export { KeyedQueue, type KeyedQueueOptions } from './keyed-queue.js';
export { again, done, type Outcome, stalled } from './outcome.js';
export { WaitingIndex } from './waiting-index.js';
