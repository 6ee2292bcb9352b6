import type { ApplicationSet } from '@flotilla/contracts';
import { digestBytes } from '@flotilla/kernel';
import { expect, test } from 'vitest';
import { expandSet } from '../expand/expand-set.js';
import { documentOf } from '../expand/expansion.js';
import { memoryPorts } from '../testing-ports.fake.js';

const many = Array.from({ length: 40 }, (_, i) => ({ id: `i${String(i).padStart(2, '0')}`, nested: { size: `${i}`, common: 'left' } }));
const few = ['a', 'b', 'c'].map((no) => ({ no, path: `apps/${no}` }));

const setOf = (
  first: object[],
  second: object[],
  { name = '{{.id}}-{{.no}}', ...labels }: Record<string, string> = {},
): ApplicationSet => ({
  apiVersion: 'argoproj.io/v1alpha1',
  kind: 'ApplicationSet',
  metadata: { name: 'pairs', namespace: 'argocd' },
  spec: {
    goTemplate: true,
    generators: [{ matrix: { generators: [{ list: { elements: first } }, { list: { elements: second } }] } }],
    template: {
      metadata: { name, labels },
      spec: {
        project: 'default',
        source: { repoURL: 'https://git.example.org/r.git', path: '{{.path}}', targetRevision: 'main' },
        destination: { name: 'local', namespace: 'x' },
      },
    },
  },
});
const expand = (set: ApplicationSet) => expandSet(set, memoryPorts({}));
const labelsOf = async (set: ApplicationSet) =>
  (await expand(set)).applications.map((one) => documentOf(one).metadata.labels as Record<string, string>);

test('a large matrix of Go templates gives what each pair alone gives, names sorted and digests of the documents', async () => {
  const label = { size: '{{.nested.size}}', '{{.no}}-key': '{{ .nested | toJson | sha256sum | trunc 8 }}' };
  const { applications } = await expand(setOf(many, few, label));
  expect(applications).toHaveLength(120);
  expect(applications.map(({ name }) => name)).toEqual(applications.map(({ name }) => name).sort());
  for (const [i, one] of applications.entries()) {
    const [alone] = (await expand(setOf([many[Math.floor(i / 3)]!], [few[i % 3]!], label))).applications;
    expect([one.name, one.digest]).toEqual([alone!.name, alone!.digest]);
    expect(one.digest).toBe(digestBytes(one.text()));
    expect(documentOf(one).metadata.name).toBe(one.name);
  }
});

test('what both sides know is merged for each pair', async () => {
  const others = few.map((one, i) => ({ ...one, nested: { common: 'right', only: `${i}` } }));
  const labels = await labelsOf(setOf(many, others, { common: '{{.nested.common}}', only: '{{.nested.only}}', size: '{{.nested.size}}' }));
  expect(labels.slice(0, 4)).toEqual([
    { common: 'left', only: '0', size: '0' },
    { common: 'left', only: '1', size: '0' },
    { common: 'left', only: '2', size: '0' },
    { common: 'left', only: '0', size: '1' },
  ]);
});

test('what a template does to its parameters ends with its application', async () => {
  for (const change of [
    'set .nested "seen" "yes"',
    '\nset\t.nested "seen" "yes"',
    'merge .nested (dict "seen" "yes")',
    'unset .nested "size"',
  ]) {
    const seen = '{{ hasKey .nested "seen" }}-{{ hasKey .nested "size" }}';
    const labels = await labelsOf(setOf(many, few, { before: seen, done: `{{ $_ := ${change} }}x`, later: seen }));
    expect(new Set(labels.map(({ before }) => before))).toEqual(new Set(['false-true']));
    expect(new Set(labels.map(({ later }) => later))).toEqual(new Set([change.startsWith('unset') ? 'false-false' : 'true-true']));
  }
});

test('an application that lacks a parameter where it is deployed is held alone, and a name that lacks one is an error', async () => {
  const [, ...rest] = few;
  const { applications, held } = await expand(setOf(many, [{ no: 'a' }, ...rest]));
  expect([applications.length, held.length]).toEqual([80, 40]);
  expect(held[0]).toMatchObject({
    name: 'i00-a',
    reason: 'unresolved',
    field: 'spec.source.path',
    message: expect.stringContaining('spec.source.path has `<no value>`'),
  });
  await expect(expand(setOf(many, few, { name: '{{.id}}-{{.nobody}}' }))).rejects.toThrow('metadata.name is "i00-<no value>"');
});
