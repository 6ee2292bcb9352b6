import { describe, expect, test } from 'vitest';
import { negotiate, negotiateDiscovery } from './negotiate.js';

describe('an Accept header', () => {
  test('of kubectl get gives a table', () => {
    const header = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json';
    expect(negotiate(header)).toEqual({ as: 'Table', apiVersion: 'meta.k8s.io/v1' });
  });

  test('that prefers protobuf gives JSON, which it lists next', () => {
    expect(negotiate('application/vnd.kubernetes.protobuf,application/json').as).toBe('object');
    expect(negotiate(undefined).as).toBe('object');
    expect(negotiate('*/*').as).toBe('object');
  });

  test('that wants nothing we write is refused', () => {
    expect(() => negotiate('text/html')).toThrow('406');
    expect(() => negotiate('application/json;as=Cells;v=v1;g=meta.k8s.io')).toThrow('406');
  });

  test('asks for aggregated discovery only when it stands before plain JSON', () => {
    const aggregated = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';
    expect(negotiateDiscovery(`${aggregated},application/json`)).toBe('v2');
    expect(negotiateDiscovery(`application/json,${aggregated}`)).toBeUndefined();
    expect(negotiateDiscovery(undefined)).toBeUndefined();
  });
});
