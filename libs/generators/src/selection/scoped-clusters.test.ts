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
