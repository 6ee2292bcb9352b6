import { InvalidInputError } from '@flotilla/kernel';
import { expect, test } from 'vitest';
import { parseYaml, parseYamlDocument, parseYamlDocuments, writeYaml, writeYamlDocuments } from './index.js';

function refusal(text: string, options?: Parameters<typeof parseYaml>[1]): InvalidInputError {
  try {
    parseYaml(text, options);
  } catch (error) {
    if (error instanceof InvalidInputError) return error;
    throw error;
  }
  throw new Error('the text was accepted');
}

test('each document of a stream comes with the line of its first content', () => {
  const text = '# head\na: 1\n---\n# note\n\nb: [x,\n  z]\n---\n---\n- c\n';
  expect(parseYamlDocuments(text)).toEqual([
    { value: { a: 1 }, line: 2 },
    { value: { b: ['x', 'z'] }, line: 6 },
    { value: null, line: expect.any(Number) },
    { value: ['c'], line: 10 },
  ]);
});

test('a stream without content has no documents', () => {
  expect([parseYaml(''), parseYaml('# only a comment\n'), parseYamlDocument('')]).toEqual([[], [], null]);
});

test('an error names file, line and column and does not repeat the text', () => {
  const error = refusal('a: 1\nsecret: "hunter2\n', { file: 'apps/web/values.yaml' });
  expect(error.message).toMatch(/^apps\/web\/values\.yaml:\d+:\d+: /);
  expect(error.message + JSON.stringify(error.details)).not.toContain('hunter2');
  expect(refusal('a: 1\nb:\n  c: *nope\n').message).toBe("YAML:3:7: unknown anchor 'nope' referenced");
});

test('aliases are copies', () => {
  const value = parseYamlDocument('a: &x {list: [1]}\nb: *x\n') as Record<string, { list: number[] }>;
  value.a!.list.push(2);
  expect(value.b).toEqual({ list: [1] });
});

test('an alias bomb is refused while reading', () => {
  const rows = Array.from({ length: 12 }, (_, i) => `a${i + 1}: &a${i + 1} [${Array(10).fill(`*a${i}`).join(', ')}]`);
  const error = refusal(['a0: &a0 lol', ...rows].join('\n'));
  expect(error.message).toContain('aliases expanded');
});

test('a merge bomb is refused while reading', () => {
  const base = `base: &base {${Array.from({ length: 500 }, (_, i) => `k${i}: 1`).join(', ')}}`;
  const rows = Array.from({ length: 9000 }, (_, i) => `m${i}: {<<: *base}`);
  expect(refusal([base, ...rows].join('\n')).message).toContain('aliases expanded');
});

test('nesting, length and the number of documents are limited', () => {
  expect(refusal('['.repeat(5000)).message).toMatch(/depth|nest/i);
  const chain = ['a0: &a0 {}', ...Array.from({ length: 150 }, (_, i) => `a${i + 1}: &a${i + 1} {x: *a${i}}`)].join('\n');
  expect(refusal(chain).message).toContain('nested deeper');
  expect(refusal('a: 1', { maxLength: 3 }).message).toContain('at most 3');
  expect(refusal('---\n'.repeat(5), { maxDocuments: 4 }).message).toContain('more than 4 documents');
});

test('__proto__ is an ordinary key', () => {
  const value = parseYamlDocument('__proto__: {polluted: 1}\nx: &x {__proto__: {p: 1}}\nz:\n  <<: *x\nw: *x\n') as Record<string, object>;
  expect(Object.keys(value)).toContain('__proto__');
  expect([Object.getPrototypeOf(value), Object.getPrototypeOf(value.z), Object.getPrototypeOf(value.w)]).toEqual([
    Object.prototype,
    Object.prototype,
    Object.prototype,
  ]);
  expect(({} as { polluted?: number }).polluted).toBeUndefined();
});

test('what Go would read as something else is written in quotes', () => {
  const value = { a: 'yes', b: '0777', c: '1e3', d: 'n', e: '', f: '~', g: '9007199254740993', h: '<<', n: null, m: 'x\ny\n', y: 1 };
  const text = writeYaml(value);
  for (const quoted of ["'yes'", "'0777'", "'1e3'", "'n'", "'~'", "'9007199254740993'", "'<<'"]) expect(text).toContain(quoted);
  expect(parseYaml(text)).toEqual([value]);
  expect(parseYaml(writeYamlDocuments([value, [1]]))).toEqual([value, [1]]);
});
