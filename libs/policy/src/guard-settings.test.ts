import { expect, test } from 'vitest';
import { DEFAULT_GUARD, guardSettings } from './guard-settings.js';

const count = (value: string) => ({ 'flotilla.dev/max-deletions': value });

test('the most specific place wins, setting by setting, and what nobody sets is built in', () => {
  expect(guardSettings({})).toEqual({ settings: DEFAULT_GUARD, warnings: [] });
  const fleet = { 'max-deletions': '50', 'restore-window': '1h' };
  expect(guardSettings({ fleet }).settings).toEqual({ maxDeletions: 50, maxDeletionPercent: 20, restoreWindowMs: 3_600_000 });
  const projects = new Map([['team', count('9')]]);
  expect(guardSettings({ fleet, projects }).settings.maxDeletions).toBe(9);
  expect(guardSettings({ fleet, projects, own: count('0') }).settings).toMatchObject({ maxDeletions: 0, restoreWindowMs: 3_600_000 });
});

test('of several projects the most careful one counts, one without settings as the fleet', () => {
  const projects = new Map([
    ['a', { ...count('9'), 'flotilla.dev/restore-window': '5m' }],
    ['b', { ...count('7'), 'flotilla.dev/restore-window': '30s' }],
    ['c', undefined],
  ]);
  expect(guardSettings({ projects }).settings).toEqual({ maxDeletions: 5, maxDeletionPercent: 20, restoreWindowMs: 300_000 });
});

test('what cannot be read counts as built in, not as what stands below, and is told', () => {
  const { settings, warnings } = guardSettings({ own: count('many'), fleet: { 'max-deletions': '900', 'max-deletion-percent': '120' } });
  expect(settings).toEqual(DEFAULT_GUARD);
  expect(warnings).toEqual([
    'metadata.annotations.flotilla.dev/max-deletions: "many" is no whole number from 0 to 1000000; write for example "5"; until then the built-in value holds',
    'data.max-deletion-percent of the fleet\'s ConfigMap: "120" is no whole number from 0 to 100; write for example "20" for a fifth; until then the built-in value holds',
  ]);
});
