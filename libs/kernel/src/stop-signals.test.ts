import { EventEmitter } from 'node:events';
import { expect, test } from 'vitest';
import { onStopSignal } from './stop-signals.js';

test('stops once, and a second signal of either kind does not end the process in the middle of it', () => {
  const source = new EventEmitter();
  let stops = 0;
  onStopSignal(() => {
    stops += 1;
  }, source);
  source.emit('SIGINT');
  source.emit('SIGTERM');
  source.emit('SIGINT');
  expect(stops).toBe(1);
  expect(source.listenerCount('SIGINT')).toBe(1);
});
