import { DELETE_AFTER_ANNOTATION, type ResourceDocument } from '@flotilla/contracts';
import { expect, test } from 'vitest';
import { type ScheduleInput, scheduleDeletions, untilDue } from './schedule-deletions.js';

const application = (name: string, deleteAfter?: string): ResourceDocument => ({
  apiVersion: 'argoproj.io/v1alpha1',
  kind: 'Application',
  metadata: { name, annotations: { mine: '1', ...(deleteAfter ? { [DELETE_AFTER_ANNOTATION]: deleteAfter } : {}) } },
});
const NOON = Date.parse('2026-01-01T12:00:00Z');
const ONE = '2026-01-01T13:00:00.000Z';
const schedule = (documents: ResourceDocument[], rest: Partial<ScheduleInput>) =>
  scheduleDeletions({
    leaving: documents.map(({ metadata }) => metadata.name),
    owned: new Map(documents.map((document) => [document.metadata.name, document])),
    released: [],
    restoreWindowMs: 3_600_000,
    now: NOON,
    ...rest,
  });

test('without a window a deletion is carried out at once', () => {
  expect(schedule([application('a')], { restoreWindowMs: 0 })).toEqual({ delete: ['a'], pending: [], mark: [] });
});

test('with one the application is marked, left as it is, and goes when the time is over', () => {
  const first = schedule([application('a')], {});
  expect(first).toEqual({ delete: [], pending: [{ name: 'a', deleteAfter: ONE }], mark: [application('a', ONE)] });
  expect(untilDue(first.pending, NOON)).toBe(3_600_000);
  const marked = first.mark as ResourceDocument[];
  expect(schedule(marked, { now: NOON + 1_800_000 })).toEqual({ delete: [], pending: first.pending, mark: [] });
  expect(schedule(marked, { now: NOON + 3_600_000 }).delete).toEqual(['a']);
  expect(untilDue([{ name: 'a', deleteAfter: '2026-01-31T12:00:00.000Z' }], NOON)).toBe(3_600_000);
  expect(untilDue([], NOON)).toBeUndefined();
});

test('what is confirmed goes at once, and a shorter window brings the end nearer', () => {
  expect(schedule([application('a')], { released: ['a'] }).delete).toEqual(['a']);
  const { pending, mark } = schedule([application('a', ONE)], { restoreWindowMs: 60_000 });
  expect(pending).toEqual([{ name: 'a', deleteAfter: '2026-01-01T12:01:00.000Z' }]);
  expect(mark).toHaveLength(1);
});

test('what is wanted or held again loses its mark and nothing else', () => {
  expect(schedule([application('a', ONE), application('b')], { leaving: [] })).toEqual({
    delete: [],
    pending: [],
    mark: [application('a')],
  });
});

test('a mark that is no time is no permission', () => {
  expect(schedule([application('a', 'yesterday')], {}).pending).toEqual([{ name: 'a', deleteAfter: ONE }]);
});
