import { expect, test } from 'vitest';
import { secretsModeOf } from './secrets-mode.js';

const bare = ['apps/v1', 'apps/v1/Deployment', 'v1/Secret'];

test('a cluster without the controllers of its own gets its secrets from the broker', () => {
  expect(secretsModeOf({ apiVersions: bare })).toBe('broker');
});

test('one that serves ExternalSecret or SealedSecret keeps them, whichever version it serves', () => {
  for (const served of [
    'external-secrets.io/v1/ExternalSecret',
    'external-secrets.io/v1beta1/ExternalSecret',
    'bitnami.com/v1alpha1/SealedSecret',
  ])
    expect(secretsModeOf({ apiVersions: [...bare, served] })).toBe('cluster');
});

test('groups alone, other kinds of the group and look-alikes are no sign of them', () => {
  const others = [
    'external-secrets.io/v1',
    'external-secrets.io/v1/SecretStore',
    'x.external-secrets.io/v1/ExternalSecret',
    'bitnami.com/v1/SealedSecret',
  ];
  expect(secretsModeOf({ apiVersions: [...bare, ...others] })).toBe('broker');
});

test('what the document says wins over what the cluster serves', () => {
  expect(secretsModeOf({ secrets: 'broker', apiVersions: ['external-secrets.io/v1/ExternalSecret'] })).toBe('broker');
  expect(secretsModeOf({ secrets: 'cluster', apiVersions: bare })).toBe('cluster');
});

test('while nobody knows what it serves, nothing is taken out of its bundles', () => {
  expect(secretsModeOf({})).toBe('cluster');
  expect(secretsModeOf(undefined)).toBe('cluster');
  expect(secretsModeOf({ secrets: 'broker' })).toBe('broker');
});
