import { expect, test } from 'vitest';
import { branchSlug } from './branch-slug.js';

test.each([
  ['feature/Add_Login', 'feature-add-login'],
  ['--dependabot/npm_and_yarn/lodash-4.17.21', 'dependabot-npm-and-yarn-lodash-4-17-21'],
  ['fix: R&D @ home', 'fix-randd-at-home'],
  ["what's-new", 'whats-new'],
  ['Grüße/Ærø-ßeta', 'grusse-aero-sseta'],
  ['', ''],
  ['x'.repeat(60), 'x'.repeat(50)],
  [`${'a'.repeat(30)}/${'b'.repeat(30)}`, 'a'.repeat(30)],
  [`${'a'.repeat(24)}/${'b'.repeat(25)}`, `${'a'.repeat(24)}-${'b'.repeat(25)}`],
  [`${'a'.repeat(24)}/${'b'.repeat(25)}/c`, `${'a'.repeat(24)}-${'b'.repeat(25)}`],
])('%s becomes %s', (branch, slug) => {
  expect(branchSlug(branch)).toBe(slug);
});
