import { parseSelectorText } from '@flotilla/selector';
import { expect, test } from 'vitest';
import type { ProjectScope } from '../generator/generator.js';
import { clusterEntry, memoryPorts } from '../testing-ports.fake.js';
import { clustersInScope } from './scoped-clusters.js';

test('an inventory is judged once per project, however often a matrix asks, and again for another project', async () => {
  const clusters = [clusterEntry('b'), clusterEntry('a')];
  let asked = 0;
  const scopeOf = (name: string): ProjectScope => ({
    project: name,
    refuseCluster: (cluster) => {
      asked++;
      return cluster.name === name ? undefined : 'not permitted';
    },
    refuseRepository: () => undefined,
  });
  const [one, other] = [scopeOf('a'), scopeOf('b')];
  const names = async (scope?: ProjectScope) => {
    const ports = { ...memoryPorts({ clusters }), ...(scope ? { scope } : {}) };
    return (await clustersInScope({ ports })).known.map(({ name }) => name);
  };
  expect(await names(one)).toEqual(['a']);
  const once = asked;
  expect(await names(one)).toEqual(['a']);
  expect(asked).toBe(once);
  expect(await names(other)).toEqual(['b']);
  expect(await names()).toEqual(['a', 'b']);
});

test('the second selector gets from an index what the first one reads from all labels, equal clusters and order included', async () => {
  const twice = () => clusterEntry('b', { env: 'prod' });
  const clusters = [clusterEntry('c', { env: 'prod' }), twice(), clusterEntry('a', { env: 'dev' }), twice(), clusterEntry('b-1')];
  const { select } = await clustersInScope({ ports: memoryPorts({ clusters }) });
  for (const text of ['env=prod', '', 'env!=dev', '!env', 'env in (dev,prod)']) {
    const fresh = await clustersInScope({ ports: memoryPorts({ clusters: [...clusters] }) });
    const first = fresh.select(parseSelectorText(text));
    select([]);
    expect(select(parseSelectorText(text))).toEqual(first);
  }
});
