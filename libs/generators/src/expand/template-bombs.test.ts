import type { ApplicationSet } from '@flotilla/contracts';
import { expect, test } from 'vitest';
import { memoryPorts } from '../testing-ports.fake.js';
import { expandSet } from './expand-set.js';

const source = { repoURL: 'https://g/r', path: 'p' };
function expand(elements: Record<string, string>[], annotation: string, goTemplate: boolean) {
  const name = goTemplate ? '{{.n}}' : '{{n}}';
  const set: ApplicationSet = {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'ApplicationSet',
    metadata: { name: 'apps', namespace: 'argocd' },
    spec: {
      goTemplate,
      generators: [{ list: { elements } }],
      template: { metadata: { name, annotations: { x: annotation } }, spec: { project: 'default', source, destination: { name: 'c' } } },
    },
  };
  return expandSet(set, memoryPorts({}));
}
const elements = (count: number, more: Record<string, string> = {}) => Array.from({ length: count }, (_, i) => ({ n: `a${i}`, ...more }));

test('one application whose text has no end is held, the others go on', async () => {
  const [first, ...others] = elements(3, { long: 'x' });
  const { applications, held } = await expand([{ ...first!, long: 'x'.repeat(1024 * 1024) }, ...others], '{{long}}'.repeat(5), false);
  expect(applications.map(({ name }) => name)).toEqual(['a1', 'a2']);
  expect(held).toMatchObject([{ name: 'a0', reason: 'invalid-value', message: expect.stringContaining('characters of text') }]);
});

test('many long applications of a plain template are an error of the set', async () => {
  await expect(expand(elements(120, { long: 'x'.repeat(1024 * 1024) }), '{{long}}{{long}}{{long}}', false)).rejects.toMatchObject({
    code: 'template-render',
    message: expect.stringContaining('spec.template makes more than 268435456 characters'),
  });
});

test('many Go templates of many steps each are an error of the set, long before they are all run', async () => {
  await expect(expand(elements(1_000), '{{range until 300}}{{range until 900}}x{{end}}{{end}}', true)).rejects.toMatchObject({
    code: 'template-render',
    message: expect.stringContaining('the templates of the set take more than 10000000 steps'),
  });
});
