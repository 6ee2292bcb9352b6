import { expect, test } from 'vitest';
import { ageOf, humanDuration } from './age.js';

const SECOND = 1_000;
const HOUR = 3_600 * SECOND;

test.each([
  [0, '0s'],
  [119 * SECOND, '119s'],
  [121 * SECOND, '2m1s'],
  [10 * 60 * SECOND, '10m'],
  [3 * HOUR, '3h'],
  [3 * HOUR + 60 * SECOND, '3h1m'],
  [30 * HOUR, '30h'],
  [50 * HOUR, '2d2h'],
  [9 * 24 * HOUR, '9d'],
  [800 * 24 * HOUR, '2y70d'],
])('%d ms are shown as %s', (ms, text) => {
  expect(humanDuration(ms)).toBe(text);
});

test('an age of an unknown time is unknown', () => {
  expect(ageOf(undefined, 0)).toBe('<unknown>');
  expect(ageOf('2026-01-01T00:00:00Z', Date.UTC(2026, 0, 1, 0, 0, 5))).toBe('5s');
});
