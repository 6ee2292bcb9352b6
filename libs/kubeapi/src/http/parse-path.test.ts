import { expect, test } from 'vitest';
import { parseResourcePath } from './parse-path.js';

test.each([
  ['/api/v1/pods', { group: '', version: 'v1', namespace: '', plural: 'pods' }],
  ['/api/v1/namespaces/a/pods/b/status', { group: '', version: 'v1', namespace: 'a', plural: 'pods', name: 'b', subresource: 'status' }],
  ['/api/v1/namespaces', { group: '', version: 'v1', namespace: '', plural: 'namespaces' }],
  ['/api/v1/namespaces/a', { group: '', version: 'v1', namespace: '', plural: 'namespaces', name: 'a' }],
  ['/api/v1/namespaces/a/status', { group: '', version: 'v1', namespace: '', plural: 'namespaces', name: 'a', subresource: 'status' }],
  ['/apis/apps/v1/deployments/x', { group: 'apps', version: 'v1', namespace: '', plural: 'deployments', name: 'x' }],
  ['/apis/apps/v1/namespaces/n/deployments/', { group: 'apps', version: 'v1', namespace: 'n', plural: 'deployments' }],
])('%s names a resource', (path, expected) => {
  expect(parseResourcePath(path)).toEqual(expected);
});

test.each(['/api', '/api/v1', '/apis/apps', '/apis/apps/v1', '/version', '/api/v1//pods', '/api/v1/namespaces/a/pods/b/c/d/e'])(
  '%s names none',
  (path) => {
    expect(parseResourcePath(path)).toBeUndefined();
  },
);
