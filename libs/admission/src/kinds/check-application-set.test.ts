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

const setRolling = (strategy: object, annotations: Record<string, string> = {}) => {
  const set = setIgnoring();
  return { ...set, metadata: { ...set.metadata, annotations }, spec: { ...set.spec, ignoreApplicationDifferences: [], strategy } };
};
const rolling = (step: object) => ({ type: 'RollingSync', rollingSync: { steps: [step] } });

test('a RollingSync strategy is taken without a word; what it says that is not in force is warned about', () => {
  const step = { matchExpressions: [{ key: 'env', operator: 'In', values: ['dev'] }], maxUpdate: '25%' };
  expect(admit(setRolling({ ...rolling(step), deletionOrder: 'Reverse' }))).toMatchObject({ errors: [], warnings: [] });
  const warningsOf = (...args: Parameters<typeof setRolling>) => admit(setRolling(...args)).warnings.join();
  expect(warningsOf(rolling({ maxUpdate: 'half' }))).toContain('steps[0].maxUpdate "half" is neither');
  expect(warningsOf(rolling({ maxUpdate: 0 }))).toContain('updates no application');
  expect(warningsOf(rolling({ matchExpression: [] }))).toContain('did you mean spec.strategy.rollingSync.steps[0].matchExpressions');
  expect(warningsOf(rolling(step), { 'flotilla.dev/rollout-policy': 'staged' })).toContain(
    'flotilla.dev/rollout-policy: staged wins over it',
  );
});

test.each([
  [{ type: 'RollingUpdate' }, 'spec.strategy.type'],
  [rolling({ matchExpressions: [{ key: 'env', operator: 'Exists' }] }), 'spec.strategy.rollingSync.steps[0].matchExpressions[0].operator'],
  [rolling({ maxUpdate: 1.5 }), 'spec.strategy.rollingSync.steps[0].maxUpdate'],
])('the strategy %j is refused by field', (strategy, field) => {
  expect(admit(setRolling(strategy)).errors.map((error) => error.field)).toEqual([field]);
});
