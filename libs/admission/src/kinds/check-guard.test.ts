import type { ResourceDocument } from '@flotilla/contracts';
import { expect, test } from 'vitest';
import { admit } from '../admit.js';

const project = (annotations: Record<string, string>, kind = 'AppProject') => ({
  apiVersion: 'argoproj.io/v1alpha1',
  kind,
  metadata: { name: 'team', namespace: 'argocd', annotations },
  spec: {},
});
const config = (data: Record<string, string>, name = 'flotilla-guard') => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'argocd' },
  data,
});

test('settings of the guard are read, or refused with field, cause and remedy', () => {
  const good = { 'flotilla.dev/max-deletions': '12', 'flotilla.dev/max-deletion-percent': '100', 'flotilla.dev/restore-window': '1h30m' };
  expect(admit(project(good))).toMatchObject({ errors: [], warnings: [] });
  const bad = { 'flotilla.dev/max-deletions': 'all', 'flotilla.dev/max-deletion-percent': '20%', 'flotilla.dev/restore-window': '721h' };
  expect(admit(project(bad)).errors).toEqual([
    {
      field: 'metadata.annotations.flotilla.dev/max-deletions',
      message: '"all" is no whole number from 0 to 1000000; write for example "5"',
    },
    {
      field: 'metadata.annotations.flotilla.dev/max-deletion-percent',
      message: '"20%" is no whole number from 0 to 100; write for example "20" for a fifth',
    },
    { field: 'metadata.annotations.flotilla.dev/restore-window', message: '"721h" is longer than 720h; write for example "1h"' },
  ]);
});

test('an application that keeps others takes them too', () => {
  const spec = {
    project: 'default',
    source: { repoURL: 'https://r', path: 'p' },
    destination: { name: 'in-cluster', namespace: 'argocd' },
  };
  const parent = (value: string) => ({ ...project({ 'flotilla.dev/max-deletions': value }, 'Application'), spec });
  expect(admit(parent('0')).errors).toEqual([]);
  expect(admit(parent('-1')).errors).toMatchObject([{ field: 'metadata.annotations.flotilla.dev/max-deletions' }]);
});

test('what was stored earlier holds up no other edit', () => {
  const stored = project({ 'flotilla.dev/max-deletions': 'all' });
  const { errors, warnings } = admit(stored, { previous: stored as unknown as ResourceDocument });
  expect(errors).toEqual([]);
  expect(warnings).toEqual([expect.stringContaining('until then the built-in value holds')]);
});

test('a misspelt setting is an error, and one on a kind nobody reads it from a warning', () => {
  expect(admit(project({ 'flotilla.dev/max-deletion': '5' })).errors[0]?.message).toContain('did you mean flotilla.dev/max-deletions');
  expect(admit(project({ 'flotilla.dev/max-deletions': '5' }, 'Application')).warnings.join()).toContain('has no meaning on Application');
});

test("the fleet's ConfigMap takes the same settings and no others", () => {
  expect(admit(config({ 'max-deletions': '3', 'restore-window': '30s' })).errors).toEqual([]);
  expect(admit(config({ 'max-deletion-percnt': '3', x: '1', 'max-deletions': '-1' })).errors).toEqual([
    { field: 'data.max-deletion-percnt', message: 'is no setting of the guard; did you mean max-deletion-percent' },
    { field: 'data.x', message: 'is no setting of the guard; they are max-deletions, max-deletion-percent, restore-window' },
    { field: 'data.max-deletions', message: '"-1" is no whole number from 0 to 1000000; write for example "5"' },
  ]);
  expect(admit(config({ x: '1' }, 'mine')).errors).toEqual([]);
});
