import { expect, test } from 'vitest';
import { readYamlLines } from './index.js';

test('every key and item of every document has its line', () => {
  const [first, second] = readYamlLines(
    '# c\na:\n  b: 1\n  list:\n  - x: 2\n    y: |\n      t: u\n  - [1,\n     2]\n---\n{"k":\n {"z.q": 1}}\n',
  );
  expect(['a', 'a.b', 'a.list.0', 'a.list.0.y', 'a.list.1', 'a.list.1.1'].map((path) => first!.lineOf(path))).toEqual([2, 3, 5, 6, 8, 9]);
  expect(first!.lineOf('a.list.0.y.t')).toBeUndefined();
  expect(first!.nearestLineOf('a.list.0.y.t')).toBe(6);
  expect([second!.lineOf('k'), second!.lineOf('k.z.q'), second!.lineOf('')]).toEqual([11, 12, 11]);
});

test('what an alias copies has the line of the alias, and a list may be the whole document', () => {
  const [lines] = readYamlLines('- &a\n  n: 1\n- *a\n- n: 3\n');
  expect(['0.n', '1.n', '2.n'].map((path) => lines!.nearestLineOf(path))).toEqual([2, 3, 4]);
});

test('a text that cannot be read is refused as the parser refuses it', () => {
  expect(() => readYamlLines('a: [', { file: 'f' })).toThrow('f:1');
});
