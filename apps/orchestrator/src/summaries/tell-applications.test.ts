import { expect, test } from 'vitest';
import type { TargetState } from '../rollouts/rollout.js';
import { tellApplications } from './tell-applications.js';

const REPO = 'https://git.example/fleet.git';
const spec = { project: 'default', source: { repoURL: REPO, path: 'apps' }, destination: { name: 'one' } };
const row = (name: string, state: TargetState, hasBegun = false) => ({
  name,
  spec,
  since: 0,
  target: { stageIndex: 1, state, hasBegun, since: 1_500, reason: `${state} for a reason` },
});

test.each([
  ['waiting', false, 'Waiting'],
  ['parked', false, 'Waiting'],
  ['updating', false, 'Pending'],
  ['updating', true, 'Progressing'],
  ['failed', true, 'Progressing'],
  ['rollingBack', false, 'Progressing'],
  ['healthy', true, 'Healthy'],
  ['unchanged', false, 'Healthy'],
  ['rolledBack', false, 'Healthy'],
] as const)('%s (its agent has spoken of it: %j) is %s in the words of Argo CD', (state, hasBegun, status) => {
  expect(tellApplications([row('a', state, hasBegun)], { [`${REPO}\nHEAD`]: 'c1' })).toEqual([
    {
      application: 'a',
      step: '2',
      status,
      message: `${state} for a reason`,
      lastTransitionTime: '1970-01-01T00:00:01Z',
      targetRevisions: ['c1'],
    },
  ]);
});

test('they come by name, what no step selects with step -1, and a long message is cut', () => {
  const long = { ...row('c', 'waiting'), target: { ...row('c', 'waiting').target, reason: 'x'.repeat(1_000) } };
  const told = tellApplications([long, row('b', 'waiting'), { name: 'a', spec, since: 0 }], {});
  expect(told.map(({ application, step, message }) => [application, step, message.length <= 300])).toEqual([
    ['a', '-1', true],
    ['b', '2', true],
    ['c', '2', true],
  ]);
});
