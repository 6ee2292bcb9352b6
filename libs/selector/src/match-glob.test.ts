import { describe, expect, test } from 'vitest';
import { compileGlob, matchesGlob } from './index.js';

const path = { separator: '/' };

describe('a glob', () => {
  test('with a separator stays within a path segment, as Go path.Match does', () => {
    expect(matchesGlob('apps/*', 'apps/web', path)).toBe(true);
    expect(matchesGlob('apps/*', 'apps/web/base', path)).toBe(false);
    expect(matchesGlob('apps/*/overlays/prod?', 'apps/web/overlays/prod1', path)).toBe(true);
    expect(matchesGlob('**', 'a/b', path)).toBe(false);
    expect(matchesGlob('*a*b', 'xaxxb', path)).toBe(true);
  });

  test('without a separator crosses everything', () => {
    expect(matchesGlob('https://github.com/*', 'https://github.com/org/repo')).toBe(true);
    expect(matchesGlob('team-*-dev', 'team-a-b-dev')).toBe(true);
    expect(matchesGlob('team-*-dev', 'team-a-b-prod')).toBe(false);
  });

  test('reads classes, escapes and, where asked, alternatives', () => {
    expect(matchesGlob('v[0-9]', 'v7')).toBe(true);
    expect(matchesGlob('v[^0-9]', 'v7')).toBe(false);
    expect(matchesGlob('\\*', '*')).toBe(true);
    expect(matchesGlob('{dev,prod}-eu', 'prod-eu', { braces: true })).toBe(true);
    expect(matchesGlob('{dev,prod}-eu', 'prod-eu')).toBe(false);
  });

  test('that cannot be read is refused by name', () => {
    expect(() => compileGlob('a[bc')).toThrow('"a[bc"');
    expect(() => compileGlob('{a,b', { braces: true })).toThrow('"{a,b"');
    expect(() => compileGlob('x\\')).toThrow('lone backslash');
  });

  test('with many stars costs no more than a long one', () => {
    expect(matchesGlob(`${'*a'.repeat(200)}b`, 'a'.repeat(5000))).toBe(false);
  });
});
