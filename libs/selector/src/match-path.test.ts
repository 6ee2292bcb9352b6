import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compileGlob, compilePathPattern, MatchBudget } from './index.js';

const matching = (pattern: string, ...paths: string[]): string[] => paths.filter(compilePathPattern(pattern));

test('a star stays in its directory, two stars are any number of directories, none too', () => {
  const paths = ['config.json', 'apps/config.json', 'apps/web/config.json', 'apps/web/deep/er/config.json'];
  expect(matching('*.json', ...paths)).toEqual(['config.json']);
  expect(matching('**/config.json', ...paths)).toEqual(paths);
  expect(matching('apps/*/config.json', ...paths)).toEqual(['apps/web/config.json']);
  expect(matching('apps/**/config.json', ...paths)).toEqual(paths.slice(1));
  expect(matching('apps/**', ...paths)).toEqual(paths.slice(1));
  expect(matching('apps/**/er/*.json', ...paths)).toEqual(paths.slice(3));
  expect(matching('a**/config.json', ...paths)).toEqual(['apps/config.json']);
  expect(matching('apps', ...paths)).toEqual([]);
  expect(matching('./apps//config.json', ...paths)).toEqual(['apps/config.json']);
});

test('braces list alternatives, with directories and braces inside; classes and escapes hide them', () => {
  const paths = ['dev/a.yaml', 'prod/eu/a.yaml', 'prod/us/a.yaml', '{a,b}', 'a'];
  expect(matching('{dev,prod/{eu,us}}/*.yaml', ...paths)).toEqual(paths.slice(0, 3));
  expect(matching('{**/a.yaml,a}', ...paths)).toEqual(['dev/a.yaml', 'prod/eu/a.yaml', 'prod/us/a.yaml', 'a']);
  expect(matching('\\{a,b\\}', ...paths)).toEqual(['{a,b}']);
  expect(matching('[{]a,b[}]', ...paths)).toEqual(['{a,b}']);
});

test('what cannot be read, or would stand for too much, is refused by name', () => {
  expect(() => compilePathPattern('a/{b')).toThrow('"a/{b" has a "{" without its "}"');
  expect(() => compilePathPattern('a/[b')).toThrow('without its "]"');
  expect(() => compilePathPattern('../secret')).toThrow('leaves its directory');
  expect(() => compilePathPattern('{a,b}'.repeat(9))).toThrow('more than 256 alternatives');
  expect(() => compilePathPattern(`${'{'.repeat(20)}a${'}'.repeat(20)}`)).toThrow('deeper than 16 levels');
  expect(() => compilePathPattern('a'.repeat(5000))).toThrow('more than 4096 characters');
});

test('many double stars cost no more than segments of pattern times segments of path', () => {
  const deep = Array.from({ length: 400 }, () => 'a').join('/');
  expect(compilePathPattern(`${'**/a/'.repeat(300)}b`)(deep)).toBe(false);
  expect(compilePathPattern('**/'.repeat(1000).concat('a'))(deep)).toBe(true);
});

test('patterns that share a budget end in an error together, however large the tree', () => {
  const budget = new MatchBudget(10_000);
  const matches = compilePathPattern('**/*a*a*a*b', budget);
  const tree = Array.from({ length: 1_000 }, (_, i) => `x/${'a'.repeat(50)}/${i}`);
  expect(() => tree.filter(matches)).toThrow('matching the patterns takes more than 10000 steps');
  expect(() => tree.filter(compileGlob('*a*a*b', { separator: '/', budget: new MatchBudget(1_000) }))).toThrow('more than 1000 steps');
});

/** By the definition alone: exponential, for short patterns. */
function matchesByDefinition(segments: readonly string[], names: readonly string[]): boolean {
  const [first, ...rest] = segments;
  if (first === undefined) return names.length === 0;
  if (first === '**') return names.some((_, i) => matchesByDefinition(rest, names.slice(i))) || matchesByDefinition(rest, []);
  return names.length > 0 && (first === '*' || first === names[0]) && matchesByDefinition(rest, names.slice(1));
}

test('matches what the definition says, whatever the pattern and path', () => {
  const segments = fc.array(fc.constantFrom('**', '*', 'a', 'b'), { minLength: 1, maxLength: 7 });
  const names = fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 7 });
  fc.assert(
    fc.property(segments, names, (pattern, path) => {
      expect(compilePathPattern(pattern.join('/'))(path.join('/'))).toBe(matchesByDefinition(pattern, path));
    }),
    { numRuns: 500 },
  );
});
