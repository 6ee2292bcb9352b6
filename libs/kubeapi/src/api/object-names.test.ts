import { expect, test } from 'vitest';
import type { NameRule } from './api-resource.js';
import { generateName, validateName } from './object-names.js';

test.each<[string, NameRule, boolean]>([
  ['a.b-c', 'dns1123-subdomain', true],
  ['A', 'dns1123-subdomain', false],
  ['-a', 'dns1123-subdomain', false],
  ['a'.repeat(254), 'dns1123-subdomain', false],
  ['a.b', 'dns1123-label', false],
  ['1a', 'dns1123-label', true],
  ['1a', 'dns1035-label', false],
  ['system:node', 'path-segment', true],
  ['a/b', 'path-segment', false],
  ['..', 'path-segment', false],
])('%s by rule %s is valid: %s', (name, rule, isValid) => {
  expect(validateName(name, rule).length === 0).toBe(isValid);
});

test('a generated name is a valid one of at most 63 characters', () => {
  expect(generateName('web-', Uint8Array.of(0, 1, 2, 3, 255))).toBe('web-bcdfq');
  expect(generateName('x'.repeat(80), new Uint8Array(5))).toHaveLength(63);
});
