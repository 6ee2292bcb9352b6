import { expect, test } from 'vitest';
import { type SetOutcome, setConditions } from './set-conditions.js';

const outcome = (rest: Partial<SetOutcome> = {}): SetOutcome => ({ refused: [], warnings: [], hold: [], setName: 'web', ...rest });
/** Type, status and reason of each, as `kubectl get -o` shows them. */
const shown = (rest: Partial<SetOutcome>) =>
  setConditions(outcome(rest), [], 0).map(({ type, status, reason }) => `${type} ${status} ${reason}`);

test('a set that is up to date has the three conditions of Argo CD', () => {
  expect(shown({})).toEqual([
    'ErrorOccurred False ApplicationSetUpToDate',
    'ParametersGenerated True ParametersGenerated',
    'ResourcesUpToDate True ApplicationSetUpToDate',
  ]);
});

test('a failed generation and a failed template are told apart by Argo CD’s reasons', () => {
  for (const reason of ['ApplicationGenerationFromParamsError', 'RenderTemplateParamsError']) {
    expect(shown({ failure: { reason, message: 'm' } })).toEqual([
      `ErrorOccurred True ${reason}`,
      'ParametersGenerated False ErrorOccurred',
      `ResourcesUpToDate False ${reason}`,
    ]);
  }
});

test('a refused application is an error although its parameters were generated', () => {
  expect(shown({ refused: [{ name: 'a', message: 'no' }] as SetOutcome['refused'] })).toEqual([
    'ErrorOccurred True ApplicationValidationError',
    'ParametersGenerated True ParametersGenerated',
    'ResourcesUpToDate False ApplicationValidationError',
  ]);
});

test('the time of a condition moves with its status alone', () => {
  const first = setConditions(outcome(), [], Date.UTC(2026, 0, 1));
  const same = setConditions(outcome({ warnings: ['w'] }), first, Date.UTC(2026, 0, 2));
  expect(same.map(({ type, lastTransitionTime }) => `${type} ${lastTransitionTime}`)).toEqual([
    'ErrorOccurred 2026-01-01T00:00:00Z',
    'ParametersGenerated 2026-01-01T00:00:00Z',
    'ResourcesUpToDate 2026-01-01T00:00:00Z',
    'Warning 2026-01-02T00:00:00Z',
  ]);
});
