import { describe, expect, test } from 'vitest';
import { matchesSelector, parseLabelSelector, parseSelectorText } from './index.js';

const select = (text: string, labels: Record<string, string>) => matchesSelector(parseSelectorText(text), labels);

describe('a label selector', () => {
  test('in query form is an AND of its clauses', () => {
    expect(select('env=prod,tier in (web, api),!legacy', { env: 'prod', tier: 'api' })).toBe(true);
    expect(select('env=prod,tier in (web, api),!legacy', { env: 'prod', tier: 'api', legacy: '' })).toBe(false);
    expect(select('env!=prod', {})).toBe(true);
    expect(select('weight>5', { weight: '10' })).toBe(true);
    expect(select('weight>5', { weight: 'heavy' })).toBe(false);
  });

  test('in document form reads labels and expressions', () => {
    const selector = parseLabelSelector({
      matchLabels: { env: 'prod' },
      matchExpressions: [{ key: 'region', operator: 'NotIn', values: ['us'] }],
    });
    expect(matchesSelector(selector, { env: 'prod', region: 'eu' })).toBe(true);
    expect(matchesSelector(selector, { env: 'prod', region: 'us' })).toBe(false);
  });

  test('without clauses selects everything', () => {
    expect(matchesSelector(parseLabelSelector(undefined), undefined)).toBe(true);
    expect(select('', { any: 'thing' })).toBe(true);
  });

  test('with an unknown operator or an unreadable clause is refused by name', () => {
    expect(() => parseLabelSelector({ matchExpressions: [{ key: 'a', operator: 'Matches' }] })).toThrow(
      'matchExpressions[0].operator "Matches"',
    );
    expect(() => parseSelectorText('a=b c')).toThrow('"a=b c"');
  });

  test('never reads inherited properties as labels', () => {
    expect(select('constructor', {})).toBe(false);
  });
});
