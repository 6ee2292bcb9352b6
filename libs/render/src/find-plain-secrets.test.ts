import { expect, test } from 'vitest';
import { findPlainSecrets } from './find-plain-secrets.js';

const secret = (name: string, rest: object) => ({ apiVersion: 'v1', kind: 'Secret', metadata: { name }, ...rest });

test('names Secrets whose values stand in the source, and never a value', () => {
  const objects = [
    secret('a', { data: { password: 'aHVudGVyMg==' } }),
    secret('b', { stringData: { password: 'hunter2' } }),
    secret('empty', { data: { password: '' }, stringData: null }),
    secret('bare', { type: 'kubernetes.io/service-account-token' }),
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c' }, data: { password: 'x' } },
    { apiVersion: 'example.org/v1', kind: 'Secret', metadata: { name: 'd' }, data: { password: 'x' } },
    'text',
  ];
  expect(findPlainSecrets(objects)).toEqual(['Secret/a', 'Secret/b']);
});
