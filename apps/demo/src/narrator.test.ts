import { ManualClock } from '@flotilla/kernel';
import { expect, test } from 'vitest';
import { Narrator } from './narrator.js';

function screen(isTTY: boolean) {
  const written: string[] = [];
  return { isTTY, columns: 100, written, write: (text: string) => written.push(text) > 0 };
}
const row = { application: 'web-dev-eu', cluster: 'dev-eu', sync: 'Synced', health: 'Healthy' };

test('without a terminal there are plain lines with times and no board', () => {
  const clock = new ManualClock();
  const out = screen(false);
  const narrator = new Narrator(out, clock, {});
  clock.advance(1500);
  narrator.show([row]);
  narrator.line('dev-eu is connected');
  expect(out.written.join('')).toBe('   1.5s  dev-eu is connected\n');
});

test('on a terminal the board stays below the lines and is redrawn in place', () => {
  const clock = new ManualClock();
  const out = screen(true);
  const narrator = new Narrator(out, clock, { NO_COLOR: '1' });
  clock.advance(1000);
  narrator.show([row]);
  narrator.line('a commit arrives');
  const text = out.written.join('');
  expect(text.indexOf('a commit arrives')).toBeLessThan(text.lastIndexOf('web-dev-eu'));
  expect(text).toContain('\x1b[1A\x1b[J');
  narrator.end();
  expect(out.written.at(-1)).toBe('\x1b[1A\x1b[J');
});
