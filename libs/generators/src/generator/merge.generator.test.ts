import { expect, test } from 'vitest';
import { mergedParams } from '../params/params.js';
import { clusterEntry, memoryPorts } from '../testing-ports.fake.js';
import { runEntry } from './run-entry.js';
import { plainMode } from './template-mode.js';

const ports = memoryPorts({ clusters: [clusterEntry('a', { tier: 'gold' }), clusterEntry('b', { tier: 'none' })] });
const list = (...elements: Record<string, unknown>[]) => ({ list: { elements } });

async function merge(generators: unknown[], mergeKeys = ['name']) {
  const warnings: string[] = [];
  const results = await runEntry({ merge: { generators, mergeKeys } }, 0, ports, {
    warn: (warning) => warnings.push(warning),
    mode: plainMode,
  });
  const sets = results.flatMap((result) => result.sets);
  return { params: sets.map(mergedParams), origins: sets.map(({ origins }) => origins), warnings };
}

test('later children override the sets of the first that share the merge keys, with empty values too', async () => {
  const { params, origins, warnings } = await merge([
    { clusters: { values: { replicas: '2', zone: 'x' } } },
    list({ name: 'a', 'values.replicas': '5', 'values.zone': '' }),
    list({ name: 'a', extra: 'yes' }),
  ]);
  expect(params.map((set) => [set.name, set['values.replicas'], set['values.zone'], set.extra])).toEqual([
    ['a', '5', '', 'yes'],
    ['b', '2', 'x', undefined],
    ['in-cluster', '2', 'x', undefined],
  ]);
  expect(origins[0]!.map(({ generator }) => generator.replace('generators[0].merge.', ''))).toEqual([
    'generators[0].clusters',
    'generators[1].list',
    'generators[2].list',
  ]);
  expect(warnings).toEqual([]);
});

test('what only a later child has is left out with a warning, and the order is the first child’s', async () => {
  const { params, warnings } = await merge([list({ name: 'b' }, { name: 'a' }), list({ name: 'c', x: '1' }, { name: 'a', x: '1' })]);
  expect(params).toEqual([{ name: 'b' }, { name: 'a', x: '1' }]);
  expect(warnings).toEqual(['generators[0].merge.generators[1]: {"name":"c"} matched nothing of generators[0] and is left out']);
});

test('sets that the keys do not tell apart are an error, also when they lack a key', async () => {
  await expect(merge([list({ name: 'a' }, { name: 'a' }), list()])).rejects.toThrow(
    'generators[0].merge.generators[0]: two parameter sets have {"name":"a"}',
  );
  await expect(merge([list({ name: 'a' }), list({ x: '1' }, { x: '2' })])).rejects.toThrow('{"name":null}');
});

test('fewer than two generators and missing keys are errors, and so is a third level', async () => {
  await expect(merge([list()])).rejects.toThrow('at least 2 generators');
  await expect(merge([list(), list()], [])).rejects.toThrow('mergeKeys');
  const inner = { merge: { generators: [list({ name: 'a' }), list()], mergeKeys: ['name'] } };
  expect((await merge([inner, list({ name: 'a', x: '1' })])).params).toEqual([{ name: 'a', x: '1' }]);
  const deep = { merge: { generators: [inner, list()], mergeKeys: ['name'] } };
  await expect(merge([deep, list()])).rejects.toThrow('not deeper');
});
