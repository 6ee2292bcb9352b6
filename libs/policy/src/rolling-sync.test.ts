import { expect, test } from 'vitest';
import { readStrategy, stepOf } from './rolling-sync.js';

type Expression = { key: string; operator: string; values?: string[] };
const step = (matchExpressions?: Expression[], maxUpdate?: number | string) => ({ matchExpressions, maxUpdate });
const rollingSync = (...steps: ReturnType<typeof step>[]) => ({ type: 'RollingSync', rollingSync: { steps } });
const env = (operator: string, ...values: string[]): Expression => ({ key: 'env', operator, values });
const stepsOf = (...steps: ReturnType<typeof step>[]) => readStrategy(rollingSync(...steps)).rolling!.steps;

test.each([
  ['In takes a value of the list', [env('In', 'dev', 'qa')], { env: 'qa' }, true],
  ['In does not take another value', [env('In', 'dev')], { env: 'prod' }, false],
  ['In does not take a missing label', [env('In', 'dev')], {}, false],
  ['NotIn takes another value', [env('NotIn', 'dev')], { env: 'prod' }, true],
  ['NotIn does not take a value of the list', [env('NotIn', 'dev')], { env: 'dev' }, false],
  ['NotIn takes a missing label', [env('NotIn', 'dev')], {}, true],
  ['all expressions have to hold', [env('In', 'dev'), { key: 'tier', operator: 'In', values: ['a'] }], { env: 'dev', tier: 'b' }, false],
  ['no expression takes all', [], { anything: 'x' }, true],
  ['no list of expressions takes all', undefined, {}, true],
  ['In without values takes none', [env('In')], { env: 'dev' }, false],
  ['NotIn without values takes all', [env('NotIn')], { env: 'dev' }, true],
] as [string, Expression[] | undefined, Record<string, string>, boolean][])('%s', (_name, expressions, labels, isSelected) => {
  expect(stepOf(labels, stepsOf(step(expressions)))).toBe(isSelected ? 0 : undefined);
});

test('an application belongs to the first step that selects it, or to none', () => {
  const steps = stepsOf(step([env('In', 'dev')]), step([env('In', 'dev', 'prod')]));
  expect([stepOf({ env: 'dev' }, steps), stepOf({ env: 'prod' }, steps), stepOf(undefined, steps)]).toEqual([0, 1, undefined]);
});

test.each([
  [undefined, { percent: 100, atLeast: 1 }, undefined],
  [3, { count: 3 }, undefined],
  ['25%', { percent: 25, atLeast: 1 }, undefined],
  [0, { count: 0 }, 'updates no application'],
  ['0%', { count: 0 }, 'updates no application'],
  ['0', { count: 1 }, 'means 1, as in Argo CD'],
  ['abc', { count: 1 }, 'means 1, as in Argo CD'],
  ['12.5%', { count: 1 }, 'means 1, as in Argo CD'],
] as const)('maxUpdate %j', (value, expected, remark) => {
  const { rolling, remarks } = readStrategy(rollingSync(step([], value)));
  expect(rolling!.steps[0]!.maxUpdate).toEqual(expected);
  if (remark === undefined) expect(remarks).toEqual([]);
  else expect(remarks.join()).toMatch(new RegExp(`spec\\.strategy\\.rollingSync\\.steps\\[0\\]\\.maxUpdate .*${remark}`));
});

test.each([
  [{ type: 'RollingUpdate' }, 'spec.strategy.type "RollingUpdate" is not one of AllAtOnce, RollingSync'],
  [{ deletionOrder: 'reverse' }, 'spec.strategy.deletionOrder "reverse" is not one of AllAtOnce, Reverse'],
  [rollingSync(step([env('Exists')])), 'steps[0].matchExpressions[0].operator "Exists" is not one of In, NotIn'],
  [rollingSync(step([], -1)), 'steps[0].maxUpdate -1 is below 0'],
])('%j is refused by field', (strategy, message) => {
  expect(() => readStrategy(strategy)).toThrow(message);
});

test('what is not in force says so', () => {
  expect(readStrategy(undefined)).toEqual({ remarks: [] });
  expect(readStrategy({ type: 'AllAtOnce' })).toEqual({ remarks: [] });
  expect(readStrategy({ type: 'RollingSync' }).remarks).toEqual([expect.stringContaining('without rollingSync.steps')]);
  expect(readStrategy({ ...rollingSync(step()), type: '' }).remarks).toEqual([expect.stringContaining('is not RollingSync')]);
  expect(readStrategy({ deletionOrder: 'Reverse' }).remarks).toEqual([expect.stringContaining('needs type RollingSync')]);
  expect(readStrategy({ ...rollingSync(step()), deletionOrder: 'Reverse' }).rolling?.deletesInReverse).toBe(true);
});
