import type { ApplicationSet } from '@flotilla/contracts';
import { canonicalJson } from '@flotilla/kernel';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { expandSet } from '../expand/expand-set.js';
import { GoMode } from '../go/go-mode.js';
import { mergedParams } from '../params/params.js';
import { dataOf } from '../params/structured-params.js';
import { clusterEntry, memoryPorts } from '../testing-ports.fake.js';
import type { GeneratorPorts } from './generator.js';
import { runEntry } from './run-entry.js';
import { plainMode, type TemplateMode } from './template-mode.js';

type Element = Record<string, string>;
const list = (elements: Element[]) => ({ list: { elements } });
const matrix = (first: object, second: object) => ({ matrix: { generators: [first, second] } });

async function run(entry: object, mode: TemplateMode): Promise<string[]> {
  const results = await runEntry(entry, 0, memoryPorts({}), { warn: () => undefined, mode });
  const sets = results.flatMap(({ sets: own }) => own);
  return sets.map((set) => canonicalJson(mode.isGo ? dataOf(set) : mergedParams(set)));
}

/** Elements whose names start with a letter of their own, so that no two lists have one in common. */
const elementsOf = (letter: string) =>
  fc.array(fc.dictionary(fc.constantFrom(`${letter}1`, `${letter}2`, `${letter}3`), fc.constantFrom('', 'x', 'y', '{'), { minKeys: 1 }), {
    maxLength: 4,
  });

test('a matrix is associative, with its order too', async () => {
  await fc.assert(
    fc.asyncProperty(elementsOf('a'), elementsOf('b'), elementsOf('c'), async (a, b, c) => {
      for (const mode of [plainMode, new GoMode()]) {
        const left = await run(matrix(matrix(list(a), list(b)), list(c)), mode);
        expect(await run(matrix(list(a), matrix(list(b), list(c))), mode)).toEqual(left);
        expect(left).toHaveLength(a.length * b.length * c.length);
      }
    }),
    { numRuns: 60 },
  );
});

test('in Go mode a matrix is associative for names that all children have, of which the first one’s counts', async () => {
  const elements = fc.array(fc.dictionary(fc.constantFrom('k', 'l', 'm'), fc.constantFrom('', 'x', 'y'), { minKeys: 1 }), { maxLength: 3 });
  await fc.assert(
    fc.asyncProperty(elements, elements, elements, async (a, b, c) => {
      const mode = new GoMode();
      const left = await run(matrix(matrix(list(a), list(b)), list(c)), mode);
      expect(await run(matrix(list(a), matrix(list(b), list(c))), mode)).toEqual(left);
    }),
    { numRuns: 60 },
  );
});

const template = {
  metadata: { name: '{{name}}-{{values.team}}' },
  spec: { project: 'default', source: { repoURL: 'https://g/r', path: '{{path}}' }, destination: { name: '{{name}}' } },
};
const set: ApplicationSet = {
  apiVersion: 'argoproj.io/v1alpha1',
  kind: 'ApplicationSet',
  metadata: { name: 'apps', namespace: 'argocd' },
  spec: {
    generators: [
      {
        matrix: {
          generators: [
            {
              clusters: { selector: { matchExpressions: [{ key: 'env', operator: 'Exists' }] }, values: { e: '{{metadata.labels.env}}' } },
            },
            { git: { repoURL: 'https://g/r', directories: [{ path: 'apps/*' }], values: { team: '{{path.basename}}' } } },
          ],
        },
      },
    ],
    template,
  },
};

/** The same inputs in whatever order they come. */
async function expand(names: readonly string[], directories: readonly string[], keys: readonly string[]): Promise<string[]> {
  const labels = Object.fromEntries(keys.map((key) => [key, 'v']));
  const ports: GeneratorPorts = {
    ...memoryPorts({ clusters: names.map((name) => clusterEntry(name, labels)) }),
    directories: async () => directories,
  };
  const { applications } = await expandSet(set, ports);
  return applications.map(({ name, digest }) => `${name} ${digest}`);
}

test('an expansion is sorted by name and the same whatever the order of clusters, labels and directories', async () => {
  const words = (min: number) => fc.uniqueArray(fc.stringMatching(/^[a-z]{1,6}$/), { minLength: min, maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(words(1), words(1), words(0), fc.nat(), async (names, directories, more, turn) => {
      const paths = directories.map((name) => `apps/${name}`);
      const keys = ['env', ...more.filter((key) => key !== 'env')];
      const first = await expand(names, paths, keys);
      const turned = <T>(items: readonly T[]): T[] =>
        [...items.slice(turn % items.length), ...items.slice(0, turn % items.length)].reverse();
      expect(await expand(turned(names), turned(paths), turned(keys))).toEqual(first);
      const named = first.map((line) => line.split(' ')[0]!);
      expect(named).toEqual([...named].sort());
    }),
    { numRuns: 60 },
  );
});
