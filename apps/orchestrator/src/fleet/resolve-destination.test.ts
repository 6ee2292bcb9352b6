import { LOCAL_SERVER } from '@flotilla/contracts';
import { describe, expect, test } from 'vitest';
import { ClusterIndex, HUB_CLUSTER } from './resolve-destination.js';

const cluster = (name: string, rest: object = {}) => ({ cluster: name, server: `flotilla://${name}`, isLocal: false, labels: {}, ...rest });
const index = new ClusterIndex([
  cluster('a'),
  cluster('b', { server: 'https://b', displayName: 'bee' }),
  cluster('c', { displayName: 'bee' }),
]);

describe('a destination', () => {
  test('is found by server, name or display name', () => {
    expect(index.resolve({ server: 'https://b' })).toMatchObject({ cluster: 'b' });
    expect(index.resolve({ name: 'a' })).toMatchObject({ cluster: 'a' });
    expect(index.resolve({ server: 'flotilla://c' })).toMatchObject({ cluster: 'c' });
  });

  test('that is unknown, ambiguous, doubled or empty is a problem with its name', () => {
    expect(index.resolve({ name: 'nope' })).toEqual({ problem: expect.stringContaining('"nope"') });
    expect(index.resolve({ name: 'bee' })).toEqual({ problem: expect.stringContaining('2 clusters') });
    expect(index.resolve({ name: 'a', server: 'https://b' })).toEqual({ problem: expect.stringContaining('both') });
    expect(index.resolve({})).toEqual({ problem: expect.stringContaining('neither') });
  });

  test('in-cluster is the local cluster, or the hub itself without one', () => {
    expect(index.resolve({ server: LOCAL_SERVER })).toEqual({ cluster: HUB_CLUSTER });
    expect(new ClusterIndex([cluster('home', { isLocal: true, server: LOCAL_SERVER })]).resolve({ name: 'in-cluster' })).toMatchObject({
      cluster: 'home',
    });
  });
});
