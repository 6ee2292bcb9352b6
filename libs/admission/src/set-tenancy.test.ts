import { expect, test } from 'vitest';
import { admit, describeErrors } from './index.js';

const spec = (project: string) => ({
  project,
  source: { repoURL: 'https://g/r', path: 'p' },
  destination: { name: '{{name}}', namespace: 'web' },
});
function errorsOf(namespace: string, project: string, generator: object = {}): string {
  return describeErrors(
    admit({
      apiVersion: 'argoproj.io/v1alpha1',
      kind: 'ApplicationSet',
      metadata: { name: 'apps', namespace },
      spec: { generators: [{ clusters: generator }], template: { metadata: { name: '{{name}}' }, spec: spec(project) } },
    }).errors,
  );
}

test('only the administrator’s sets, those of the control namespace, leave their project to a parameter', () => {
  expect(errorsOf('argocd', '{{metadata.labels.team}}')).toBe('');
  expect(errorsOf('team-a', 'team')).toBe('');
  expect(errorsOf('team-a', '{{name}}')).toBe(
    'spec.template.spec.project may not depend on a parameter in namespace team-a, whose sets may not use every project; write one name',
  );
});

test('a template of a generator is held to the same', () => {
  const own = { template: { spec: { project: 'team-{{name}}' } } };
  expect(errorsOf('team-a', 'team', own)).toContain('spec.generators[0].clusters.template.spec.project may not depend on a parameter');
  expect(errorsOf('argocd', 'team', own)).toBe('');
});
