import { expect, test } from 'vitest';
import { admit, describeErrors } from '../index.js';

const setIgnoring = (...jqPathExpressions: string[]) => ({
  apiVersion: 'argoproj.io/v1alpha1',
  kind: 'ApplicationSet',
  metadata: { name: 'web', namespace: 'argocd' },
  spec: {
    generators: [{ list: { elements: [{ name: 'a' }] } }],
    ignoreApplicationDifferences: [{ jqPathExpressions }],
    template: {
      metadata: { name: '{{name}}' },
      spec: { project: 'default', source: { repoURL: 'https://g/r', path: 'p' }, destination: { name: 'c', namespace: 'n' } },
    },
  },
});

test('ignoreApplicationDifferences takes the jq expressions that an Application takes, and names with dashes', () => {
  const paths = ['.spec.source.targetRevision', '.metadata.labels.my-label', '.spec.source.helm.parameters[] | select(.name == "x")'];
  expect(admit(setIgnoring(...paths)).errors).toEqual([]);
});

test.each(['.spec[', '.spec | input', 'env.PATH'])(
  '%s, which is no jq or more of it than is read, is refused with field, cause and remedy',
  (path) => {
    const { errors } = admit(setIgnoring('.spec.source', path));
    expect(describeErrors(errors)).toMatch(/spec\.ignoreApplicationDifferences\[0\]\.jqPathExpressions.*".+": .+; write a path such as/);
    expect(describeErrors(errors)).toContain(JSON.stringify(path));
  },
);
