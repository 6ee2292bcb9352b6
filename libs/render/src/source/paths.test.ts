import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SourcePathError } from '../render.errors.js';
import { compileGlob } from './glob.js';
import { joinPath } from './join-path.js';

test('whatever the path says, the result stays inside or is refused', () => {
  const part = fc.oneof(fc.constantFrom('..', '.', '', 'a', 'b', '.git', '.GIT', '\\', '\0', '~', '-x'), fc.string({ maxLength: 5 }));
  fc.assert(
    fc.property(fc.array(part, { maxLength: 8 }), fc.constantFrom('', 'x', 'x/y'), (parts, directory) => {
      let joined: string;
      try {
        joined = joinPath(directory, parts.join('/'), 'field');
      } catch (error) {
        return error instanceof SourcePathError;
      }
      const names = joined === '' ? [] : joined.split('/');
      return (
        names.every((name) => name !== '' && name !== '.' && name !== '..' && name.toLowerCase() !== '.git') && !/[\\\p{Cc}]/u.test(joined)
      );
    }),
    { numRuns: 2000 },
  );
});

test('a relative path is joined to its directory', () => {
  expect([joinPath('a/b', '../c', 'f'), joinPath('a', '.', 'f'), joinPath('a', '..', 'f'), joinPath('', './x//y/', 'f')]).toEqual([
    'a/c',
    'a',
    '',
    'x/y',
  ]);
  expect(() => joinPath('a', '../../b', 'source.path')).toThrow('source.path: "../../b" leaves the repository');
});

test.each([
  ['*.yaml', 'a/b.yaml', true, false],
  ['**/*.yaml', 'b.yaml', false, true],
  ['**/*.yaml', 'a/c/b.yaml', true, true],
  ['**/values.yaml', 'foo-values.yaml', false, false],
  ['a/**/b', 'a/b', false, true],
  ['a/**', 'a/b/c', true, true],
  ['a?c', 'a/c', true, false],
  ['{a,b{c,d}}.yaml', 'bd.yaml', true, true],
  ['[a-c]x', 'bx', true, true],
  ['[!a-c]x', 'bx', false, false],
  ['a\\*', 'a*', true, true],
  ['a\\*', 'ab', false, false],
  ['', '', true, true],
  ['values-*.yaml', 'values-prod.yaml', true, true],
])('pattern %s on %s: %s when * crosses directories, %s when it does not', (pattern, text, crossing, separated) => {
  expect([compileGlob(pattern, 'f')(text), compileGlob(pattern, 'f', { separator: true })(text)]).toEqual([crossing, separated]);
});

test('no pattern takes long or grows without bound', () => {
  expect(compileGlob(`${'*a'.repeat(400)}b`, 'f')('a'.repeat(1000))).toBe(false);
  expect(() => compileGlob('{a,b}'.repeat(20), 'f')).toThrow('more than 256 alternatives');
  expect(() => compileGlob('{a', 'f')).toThrow('{ without }');
  expect(() => compileGlob('x'.repeat(2000), 'f')).toThrow('longer than');
});
