import type { ApplicationSet } from '@flotilla/contracts';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { clusterEntry, memoryPorts } from '../testing-ports.fake.js';
import { expandSet } from './expand-set.js';
import { documentOf } from './expansion.js';

const template = {
  metadata: { name: '{{env}}-app', labels: { 'env-{{env}}': 'x' } },
  spec: { project: 'default', source: { repoURL: 'r', path: 'overlays/{{env}}' }, destination: { name: '{{env}}', namespace: 'app' } },
};
type Spec = Partial<ApplicationSet['spec']>;
const setOf = (generators: unknown[], spec: Spec = {}): ApplicationSet => ({
  apiVersion: 'argoproj.io/v1alpha1',
  kind: 'ApplicationSet',
  metadata: { name: 'apps', namespace: 'argocd' },
  spec: { generators: generators as Record<string, unknown>[], template, ...spec },
});
const list = (...elements: Record<string, unknown>[]) => ({ list: { elements } });
const expand = (set: ApplicationSet, ports = memoryPorts({})) => expandSet(set, ports);

describe('an expanded set', () => {
  test('gives applications sorted by name, in its own namespace, with the finalizer, as canonical text', async () => {
    const { applications, held } = await expand(setOf([list({ env: 'prod' }, { env: 'dev' })]));
    expect(held).toEqual([]);
    expect(applications.map(({ name }) => name)).toEqual(['dev-app', 'prod-app']);
    expect(applications[0]!.text()).toBe(
      '{"apiVersion":"argoproj.io/v1alpha1","kind":"Application","metadata":{"finalizers":["resources-finalizer.argocd.argoproj.io"],' +
        '"labels":{"env-dev":"x"},"name":"dev-app","namespace":"argocd"},"spec":{"destination":{"name":"dev","namespace":"app"},' +
        '"project":"default","source":{"path":"overlays/dev","repoURL":"r"}}}',
    );
    expect(applications[0]!.origins).toEqual([{ generator: 'generators[0].list', element: 1 }]);
  });

  test('leaves the finalizer out when resources are preserved or the template names others', async () => {
    const preserved = await expand(setOf([list({ env: 'a' })], { syncPolicy: { preserveResourcesOnDeletion: true } }));
    expect(documentOf(preserved.applications[0]!).metadata.finalizers).toBeUndefined();
    const own = await expand(setOf([list({ env: 'a' })], { template: { ...template, metadata: { name: 'a', finalizers: ['x/y'] } } }));
    expect(documentOf(own.applications[0]!).metadata.finalizers).toEqual(['x/y']);
  });

  test('returns the template as it stands, without the finalizer, for an empty parameter set', async () => {
    const { applications } = await expand(setOf([list({})], { template: { metadata: { name: 'fixed' }, spec: template.spec } }));
    expect(applications).toEqual([]);
    const plain = { metadata: { name: 'fixed' }, spec: { project: 'default' } };
    const fixed = await expand(setOf([list({})], { template: plain }));
    expect(documentOf(fixed.applications[0]!).metadata).toEqual({ name: 'fixed', namespace: 'argocd' });
  });

  test("lays a generator's own template over the set's, where false and empty lists count as blank", async () => {
    const own = { metadata: { labels: { own: '1' } }, spec: { project: 'special', syncPolicy: { automated: { prune: false } } } };
    const base = { ...template, spec: { ...template.spec, syncPolicy: { automated: { prune: true } } } };
    const { applications } = await expand(setOf([{ list: { elements: [{ env: 'a' }], template: own } }], { template: base }));
    expect(documentOf(applications[0]!)).toMatchObject({
      metadata: { labels: { own: '1', 'env-a': 'x' } },
      spec: { project: 'special', destination: { name: 'a' }, syncPolicy: { automated: { prune: true } } },
    });
  });

  test('holds back every application of a shared name and says which parameter tells them apart', async () => {
    const ports = memoryPorts({ files: { 'apps/a/overlays/production/x': '', 'apps/b/overlays/production/x': '' } });
    const git = { git: { repoURL: 'r', directories: [{ path: 'apps/*/overlays/production' }] } };
    const set = setOf([git, list({ 'path.basename': 'other' })], {
      template: { ...template, metadata: { name: '{{path.basename}}' }, spec: {} },
    });
    const { applications, held } = await expand(set, ports);
    expect(applications.map(({ name }) => name)).toEqual(['other']);
    expect(held).toMatchObject([
      { name: 'production', reason: 'duplicate-name', message: '2 Applications share the name `production`; use {{path[1]}}' },
    ]);
  });

  test('holds back a name Kubernetes refuses and a field left with a tag, and keeps their names generated', async () => {
    const { applications, held } = await expand(setOf([list({ env: 'Prod_1' }, { env: 'ok' })]));
    expect(applications.map(({ name }) => name)).toEqual(['ok-app']);
    expect(held).toMatchObject([{ name: 'Prod_1-app', reason: 'invalid-name' }]);
    const byRegion = { ...template, spec: { ...template.spec, source: { repoURL: 'r', path: 'o/{{region}}' } } };
    const partial = await expand(setOf([list({ env: 'a' }, { env: 'b', region: 'eu' })], { template: byRegion }));
    expect(partial.applications.map(({ name }) => name)).toEqual(['b-app']);
    expect(partial.held[0]).toMatchObject({ name: 'a-app', reason: 'unresolved' });
    expect(partial.held[0]?.message).toContain('{{region}} is not produced by generators[0].list.elements[0] (used in spec.source.path)');
  });

  test('is refused whole when a name has a tag nobody fills, because nobody could tell then what is gone', async () => {
    const set = setOf([list({ env: 'a' })], { template: { ...template, metadata: { name: '{{nope}}-{{env}}' } } });
    await expect(expand(set)).rejects.toMatchObject({ code: 'template-render' });
    const values = { clusters: { values: { env: '{{metadata.labels.gone}}' } } };
    const viaValues = setOf([values], { template: { ...template, metadata: { name: 'x-{{values.env}}' } } });
    await expect(expand(viaValues, memoryPorts({ clusters: [clusterEntry('c')] }))).rejects.toThrow(
      '{{metadata.labels.gone}} and {{env}} are not produced by c',
    );
  });

  test('warns of tags in free text, of fallbacks and of elements nobody uses', async () => {
    const helm = { values: 'a: {{who}}\nb: {{size | default "2"}}' };
    const set = setOf([list({ env: 'a', idle: 'x' })], {
      template: { ...template, spec: { ...template.spec, source: { repoURL: 'r', path: 'p', helm } } },
    });
    const { applications, warnings } = await expand(set);
    expect(documentOf(applications[0]!)).toMatchObject({ spec: { source: { helm: { values: 'a: {{who}}\nb: 2' } } } });
    expect(warnings).toEqual([
      'element parameter idle is not used by the template',
      '`| default` needs spec.goTemplate: true and {{ .size | default "2" }}; it is evaluated as written',
      '{{who}} in spec.source.helm.values names no parameter of 1 application and stays as written',
    ]);
  });

  test('turns typed leaves into booleans, or holds the application that gives none', async () => {
    const automated = { prune: '{{auto}}' };
    const set = setOf([list({ env: 'a', auto: 'false' }, { env: 'b', auto: 'maybe' })], {
      template: { ...template, spec: { ...template.spec, syncPolicy: { automated } } },
    });
    const { applications, held, warnings } = await expand(set);
    expect(documentOf(applications[0]!)).toMatchObject({ spec: { syncPolicy: { automated: { prune: false } } } });
    expect(held).toMatchObject([{ name: 'b-app', reason: 'invalid-value' }]);
    expect(warnings.join('\n')).toContain("automated is present, so a-app still syncs automatically; set automated.enabled: '{{auto}}'");
  });

  test('with a templatePatch and plain templates is an error and changes nothing', async () => {
    await expect(expand(setOf([list({ env: 'a' })], { templatePatch: 'x' }))).rejects.toMatchObject({ code: 'template-render' });
  });

  test('is the same, sorted and free of doubles whatever the order of its inputs', async () => {
    const label = fc.constantFrom('dev', 'prod', 'eu', 'a b');
    const clusters = fc.uniqueArray(fc.tuple(fc.stringMatching(/^[a-z]{1,4}$/), label), { selector: ([name]) => name, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(clusters, fc.infiniteStream(fc.nat()), async (pairs, random) => {
        const fleet = pairs.map(([name, env]) => clusterEntry(name, { env }));
        const keyed = fleet.map((cluster) => ({ cluster, at: random.next().value as number }));
        const shuffled = keyed.sort((a, b) => a.at - b.at).map(({ cluster }) => cluster);
        const set = setOf([{ clusters: {} }, list({ name: 'zz', env: 'a' })], {
          template: { ...template, metadata: { name: 'x-{{name}}' }, spec: {} },
        });
        const [one, two] = [await expand(set, memoryPorts({ clusters: fleet })), await expand(set, memoryPorts({ clusters: shuffled }))];
        const names = [...one.applications, ...one.held].map(({ name }) => name);
        expect(two.applications.map((application) => application.text())).toEqual(
          one.applications.map((application) => application.text()),
        );
        expect(one.applications.map(({ name }) => name)).toEqual(one.applications.map(({ name }) => name).sort());
        expect(new Set(names).size).toBe(names.length);
      }),
      { numRuns: 50 },
    );
  });
});
