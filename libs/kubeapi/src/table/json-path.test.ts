import { describe, expect, test } from 'vitest';
import { compileJsonPath } from './json-path.js';

const VALUE = {
  spec: { size: 3, 'a.b': 'dotted' },
  items: [
    { name: 'x', n: 1 },
    { name: 'y', n: 2 },
  ],
  conditions: [
    { type: 'Ready', status: 'True' },
    { type: 'Synced', status: 'False' },
  ],
};

describe('a JSONPath of a printer column', () => {
  test.each([
    ['.spec.size', [3]],
    ['{.spec.size}', [3]],
    ['$.spec.size', [3]],
    ['spec.size', [3]],
    ['.spec.a\\.b', ['dotted']],
    [".spec['a.b']", ['dotted']],
    ['.items[1].name', ['y']],
    ['.items[-1].name', ['y']],
    ['.items[*].name', ['x', 'y']],
    ['.conditions[?(@.type=="Ready")].status', ['True']],
    [".conditions[?(@.type!='Ready')].status", ['False']],
    ['.nothing.here', []],
    ['.constructor', []],
  ])('%s', (path, expected) => {
    expect(compileJsonPath(path)(VALUE)).toEqual(expected);
  });

  test.each(['.items[', '.items[?(@.n)]', '.a..b'])('that cannot be read is refused: %s', (path) => {
    expect(() => compileJsonPath(path)).toThrow('JSONPath');
  });
});
