import { expect, test } from 'vitest';
import { openSchema } from '../builtin/builtin-resources.js';
import { ApiRegistry, compareVersions } from './api-registry.js';
import { defineResource } from './api-resource.js';

const schema = openSchema('Test');
const resource = (group: string, version: string, plural: string) =>
  defineResource({ group, version, kind: plural.toUpperCase(), plural, schema });

test('versions stand in the order of preference of Kubernetes', () => {
  const versions = ['v1alpha1', 'v2beta1', 'foo', 'v1', 'v2', 'v1beta2', 'v2alpha1', 'bar'];
  expect(versions.sort(compareVersions)).toEqual(['v2', 'v1', 'v2beta1', 'v1beta2', 'v2alpha1', 'v1alpha1', 'bar', 'foo']);
});

test('a change raises the generation, and registering the same again does not', () => {
  const registry = new ApiRegistry();
  const widgets = resource('demo.dev', 'v1', 'widgets');
  registry.register(widgets);
  const { generation } = registry;
  registry.register(widgets);
  expect(registry.generation).toBe(generation);
  registry.unregister('demo.dev', 'v1', 'widgets');
  expect(registry.generation).toBeGreaterThan(generation);
  expect(registry.find('demo.dev', 'v1', 'widgets')).toBeUndefined();
});

test('groups list their versions and resources sorted', () => {
  const registry = new ApiRegistry([resource('a', 'v1beta1', 'x'), resource('a', 'v1', 'z'), resource('a', 'v1', 'y')]);
  expect(
    registry.groups().map(({ versions }) => versions.map(({ version, resources }) => [version, resources.map(({ plural }) => plural)])),
  ).toEqual([
    [
      ['v1', ['y', 'z']],
      ['v1beta1', ['x']],
    ],
  ]);
});
