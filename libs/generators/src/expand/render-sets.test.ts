import type { ApplicationSet } from '@flotilla/contracts';
import { digestBytes } from '@flotilla/kernel';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { memoryPorts } from '../testing-ports.fake.js';
import { expandSet } from './expand-set.js';
import { documentOf } from './expansion.js';

type Element = Record<string, string>;
const PAIRS = 40;

const setOf = (first: readonly Element[], second: readonly Element[], name = '{{id}}-{{no}}'): ApplicationSet => ({
  apiVersion: 'argoproj.io/v1alpha1',
  kind: 'ApplicationSet',
  metadata: { name: 'pairs', namespace: 'argocd' },
  spec: {
    generators: [{ matrix: { generators: [{ list: { elements: [...first] } }, { list: { elements: [...second] } }] } }],
    template: {
      metadata: { name, labels: { left: '{{a}}', right: '{{b}}', size: '{{size | default "2"}}' } },
      spec: {
        project: 'default',
        source: { repoURL: 'https://git.example.org/r.git', path: '{{path}}', targetRevision: 'main' },
        destination: { name: 'local', namespace: 'x' },
      },
    },
  },
});

const expand = (set: ApplicationSet) => expandSet(set, memoryPorts({}));
const manyOf = (make: (i: number) => Element): Element[] => Array.from({ length: PAIRS }, (_, i) => make(i));
const numbered = (i: number): string => String(i).padStart(2, '0');

/** A pair alone has other places in its lists. */
const reasonOf = ({ name, message }: { name: string; message: string }) => [name, message.replaceAll(/elements\[\d+\]/g, 'elements')];

/** Names that one side or the other has, or both with equal values, or neither. */
const side = (letter: string) =>
  fc.record(
    {
      [letter]: fc.constantFrom('', 'x', 'longer', 'ü', '{{nope}}', 'q"'),
      size: fc.constantFrom('', '3'),
      path: fc.constantFrom('apps/one'),
    },
    { requiredKeys: [] },
  );

describe('the applications of a large matrix', () => {
  test('are those that each pair alone stands for', async () => {
    const sides = fc.tuple(fc.array(side('a'), { minLength: 1, maxLength: 4 }), fc.array(side('b'), { minLength: 1, maxLength: 4 }));
    await fc.assert(
      fc.asyncProperty(sides, fc.boolean(), async ([few, others], isOuter) => {
        const many = manyOf((i) => ({ ...others[i % others.length], id: `i${numbered(i)}` }));
        const some = few.map((element, i) => ({ ...element, no: `n${i}` }));
        const conflicts = some.some(({ size }) => size !== undefined && many.some((one) => one.size !== undefined && one.size !== size));
        fc.pre(!conflicts);
        const whole = await expand(isOuter ? setOf(many, some) : setOf(some, many));
        const alone = await Promise.all(
          many.flatMap((one) => some.map((other) => expand(isOuter ? setOf([one], [other]) : setOf([other], [one])))),
        );
        const byName = <T extends { name: string }>(all: T[]): T[] => all.sort((x, y) => (x.name < y.name ? -1 : 1));
        expect(whole.applications.map(({ name, digest }) => [name, digest])).toEqual(
          byName(alone.flatMap(({ applications }) => applications)).map(({ name, digest }) => [name, digest]),
        );
        expect(whole.held.map(reasonOf)).toEqual(byName(alone.flatMap(({ held }) => held)).map(reasonOf));
      }),
      { numRuns: 25 },
    );
  });

  test('have the digests and names of their documents, sorted whichever side comes first in a name', async () => {
    const first = manyOf((i) => ({ id: `i${numbered(i)}`, a: `v${i}`, path: i % 7 === 0 ? 'apps/longer' : 'apps/x' }));
    const second = Array.from({ length: 3 }, (_, i) => ({ no: `n${i}`, b: 'x'.repeat(60) }));
    for (const name of ['{{id}}-{{no}}', '{{no}}-{{id}}', 'x{{a}}-{{no}}-{{id}}']) {
      for (const set of [setOf(first, second, name), setOf(second, first, name)]) {
        const { applications } = await expand(set);
        expect(applications).toHaveLength(3 * PAIRS);
        expect(applications.map((one) => one.name)).toEqual(applications.map((one) => one.name).sort());
        for (const one of applications) {
          expect(one.digest).toBe(digestBytes(one.text()));
          expect(documentOf(one).metadata.name).toBe(one.name);
        }
      }
    }
  });

  test('that share a name are held with the parameter that tells them apart', async () => {
    const { applications, held } = await expand(
      setOf(
        manyOf((i) => ({ id: `i${numbered(i)}`, path: 'apps/x' })),
        [{ no: 'n0' }, { no: 'n1' }],
        'app-{{id}}',
      ),
    );
    expect(applications).toEqual([]);
    expect(held.map(({ name, message }) => [name, message])).toEqual(
      manyOf((i) => ({ name: `app-i${numbered(i)}` })).map(({ name }) => [name, `2 Applications share the name \`${name}\`; use {{no}}`]),
    );
  });
});
