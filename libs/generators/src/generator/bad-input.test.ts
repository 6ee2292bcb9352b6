import { describe, expect, test } from 'vitest';
import { GoMode } from '../go/go-mode.js';
import { mergedParams } from '../params/params.js';
import { clusterEntry, memoryPorts } from '../testing-ports.fake.js';
import type { GeneratorPorts } from './generator.js';
import { runEntry } from './run-entry.js';
import { plainMode, type TemplateMode } from './template-mode.js';

async function run(entry: unknown, ports: GeneratorPorts = memoryPorts({}), mode: TemplateMode = plainMode) {
  const results = await runEntry(entry, 0, ports, { warn: () => undefined, mode });
  return results.flatMap(({ sets }) => sets).map(mergedParams);
}
const git = (rest: object) => ({ git: { repoURL: 'https://g/r', ...rest } });
const files = (text: string, name = 'a.yaml') => ({ ...memoryPorts({}), files: async () => [{ path: name, text }] });
const anyFile = git({ files: [{ path: '*' }] });

describe('a file of parameters', () => {
  test('whose anchors contain themselves, or grow without end, is an error that names file and line', async () => {
    await expect(run(anyFile, files('x: 1\na: &a\n  b: *a\n'))).rejects.toMatchObject({
      code: 'generator-invalid',
      message: expect.stringMatching(/a\.yaml:3:\d+: the value of anchor 'a' contains itself/),
      details: expect.objectContaining({ file: 'a.yaml', line: 3 }),
    });
    const lines = Array.from({ length: 12 }, (_, i) => `l${i + 1}: &l${i + 1} [${`*l${i}, `.repeat(9)}*l${i}]`);
    await expect(run(anyFile, files(['l0: &l0 [x]', ...lines].join('\n')))).rejects.toThrow(/a\.yaml:\d+:\d+: more than 500000 values/);
  });

  test('that is too long, too deep or has too many values is an error that names it', async () => {
    await expect(run(anyFile, files(`{"a": "${'x'.repeat(52_428_800)}"}`, 'big.json'))).rejects.toThrow(/big\.json:1:1: .*at most 4194304/);
    await expect(run(anyFile, files('['.repeat(10_000)))).rejects.toThrow(/a\.yaml:1:\d+: /);
    const many = JSON.stringify(Object.fromEntries(Array.from({ length: 20_001 }, (_, i) => [`k${i}`, i])));
    await expect(run(anyFile, files(many))).rejects.toThrow('a.yaml: more than 20000 values');
  });

  test('is bound by the same limits as elementsYaml', async () => {
    await expect(run({ list: { elementsYaml: `- {a: "${'x'.repeat(5_000_000)}"}` } })).rejects.toThrow('generators[0].list.elementsYaml');
    await expect(run({ list: { elementsYaml: '- &a {b: *a}' } })).rejects.toThrow('contains itself');
  });

  test('may have names that objects have by themselves; they are parameters like any other', async () => {
    const text = '{"__proto__": {"polluted": "yes"}, "constructor": {"prototype": {"polluted": "yes"}}, "toString": "x"}';
    const [plain] = await run(anyFile, files(text));
    expect(Object.entries(plain!)).toEqual(
      expect.arrayContaining([
        ['__proto__.polluted', 'yes'],
        ['constructor.prototype.polluted', 'yes'],
        ['toString', 'x'],
      ]),
    );
    const [go] = await run(anyFile, files(text), new GoMode());
    expect(Object.getOwnPropertyDescriptor(go, '__proto__')?.value).toEqual({ polluted: 'yes' });
    expect(({} as { polluted?: string }).polluted).toBeUndefined();
  });

  test('or directory whose name is not UTF-8 is an error that shows it, when it is chosen', async () => {
    await expect(run(anyFile, files('a: 1', 'caf\ufffd.yaml'))).rejects.toThrow(
      'generators[0].git: the name "caf\ufffd.yaml" is not UTF-8',
    );
    const ports = { ...memoryPorts({}), directories: async () => ['apps/web', 'apps/caf\ufffd'] };
    await expect(run(git({ directories: [{ path: 'apps/*' }] }), ports)).rejects.toMatchObject({
      code: 'generator-invalid',
      details: expect.objectContaining({ file: 'apps/caf\ufffd' }),
    });
    expect(await run(git({ directories: [{ path: 'apps/w*' }] }), ports)).toHaveLength(1);
  });
});

describe('labels, annotations, elements and values', () => {
  const odd = JSON.parse('{"__proto__": "a", "constructor": "b", "hasOwnProperty": "c"}') as Record<string, string>;

  test('with names that objects have by themselves are read like any other', async () => {
    const ports = memoryPorts({ clusters: [{ ...clusterEntry('x', odd), annotations: odd }] });
    const matching = { clusters: { selector: { matchLabels: JSON.parse('{"constructor": "b"}') } } };
    const [plain] = await run(matching, ports);
    expect(plain).toMatchObject({ 'metadata.labels.__proto__': 'a', 'metadata.annotations.constructor': 'b' });
    expect(await run({ clusters: { selector: { matchLabels: { toString: 'x' } } } }, ports)).toEqual([]);
    const [element] = await run({ list: { elements: [odd] } });
    expect(Object.entries(element!)).toEqual(
      expect.arrayContaining([
        ['__proto__', 'a'],
        ['constructor', 'b'],
      ]),
    );
  });

  test('in a merge and a matrix they neither collide nor vanish', async () => {
    const list = { list: { elements: [odd] } };
    const other = { list: { elements: [{ x: '1' }] } };
    for (const mode of [plainMode, new GoMode()]) {
      const [pair] = await run({ matrix: { generators: [list, other] } }, memoryPorts({}), mode);
      expect(Object.entries(pair!)).toEqual(
        expect.arrayContaining([
          ['__proto__', 'a'],
          ['x', '1'],
        ]),
      );
      const merge = { merge: { mergeKeys: ['constructor'], generators: [list, { list: { elements: [{ constructor: 'b', y: '2' }] } }] } };
      const [merged] = await run(merge, memoryPorts({}), mode);
      expect(Object.entries(merged!)).toEqual(
        expect.arrayContaining([
          ['__proto__', 'a'],
          ['y', '2'],
        ]),
      );
    }
  });

  test('are kept in `values` too, whose every member must be text', async () => {
    const [plain] = await run({ clusters: { values: odd } });
    expect(plain).toMatchObject({ 'values.__proto__': 'a', 'values.constructor': 'b' });
    const [go] = await run({ clusters: { values: odd } }, memoryPorts({}), new GoMode());
    expect(Object.entries(go!.values as object)).toEqual(Object.entries(odd));
    await expect(run({ clusters: { values: { replicas: 3 } } })).rejects.toThrow('generators[0].clusters: values.replicas: must be text');
    await expect(run({ clusters: { values: ['a'] } })).rejects.toThrow('generators[0].clusters: values: must be a map of texts');
  });
});

describe('patterns', () => {
  test('that are too many, too long or cannot be read are errors that name the entry', async () => {
    const of = (path: string, key = 'directories') => run(git({ [key]: [{ path: 'ok' }, { path }] }));
    await expect(of('a'.repeat(5_000))).rejects.toThrow('generators[0].git.directories[1].path: a pattern has at most 4096 characters');
    await expect(of('a[b')).rejects.toThrow('generators[0].git.directories[1].path');
    await expect(of('a'.repeat(5_000), 'files')).rejects.toThrow('generators[0].git.files[1].path: a pattern has at most 4096');
    await expect(of(`:(glob)${'**/a/'.repeat(20)}b`, 'files')).rejects.toThrow(
      'files[1].path: a :(glob) pattern has at most 4 `**`, and this one has 20',
    );
    const many = Array.from({ length: 1_001 }, (_, i) => ({ path: `p${i}` }));
    await expect(run(git({ files: many }))).rejects.toThrow('generators[0].git.files: it lists 1001 patterns; at most 1000');
  });

  test('of new globbing are checked before a repository is asked', async () => {
    const ports = { ...memoryPorts({ files: { 'a.yaml': '' } }), fileGlobs: 'doublestar' as const };
    await expect(run(git({ files: [{ path: '{a,b}'.repeat(9) }] }), ports)).rejects.toThrow('files[0].path: the pattern "{a,b}');
    await expect(run(git({ files: [{ path: '../x' }] }), ports)).rejects.toThrow('leaves its directory');
    expect(await run(git({ files: [{ path: 'a.yaml' }] }), ports)).toHaveLength(1);
  });

  test('that take too long over a large tree end in an error', async () => {
    const tree = Array.from({ length: 2_000 }, (_, i) => `${'a'.repeat(400)}${i}`);
    const ports = { ...memoryPorts({}), directories: async () => tree };
    const slow = Array.from({ length: 10 }, () => ({ path: `*${'a'.repeat(200)}b` }));
    await expect(run(git({ directories: slow }), ports)).rejects.toMatchObject({
      code: 'generator-invalid',
      message: 'generators[0].git.directories: matching the patterns takes more than 50000000 steps',
    });
  });
});
