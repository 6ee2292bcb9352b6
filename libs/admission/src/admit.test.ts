import type { Cluster, ResourceDocument } from '@flotilla/contracts';
import { describe, expect, test } from 'vitest';
import { type AdmissionContext, admit, describeErrors, MAX_DOCUMENT_BYTES } from './index.js';

const application = (spec: object = {}, metadata: object = {}) => ({
  apiVersion: 'argoproj.io/v1alpha1',
  kind: 'Application',
  metadata: { name: 'web', namespace: 'argocd', ...metadata },
  spec: { project: 'default', source: { repoURL: 'https://r', path: 'p' }, destination: { name: 'c', namespace: 'n' }, ...spec },
});
const policy = (spec: object) => ({
  apiVersion: 'flotilla.dev/v1alpha1',
  kind: 'RolloutPolicy',
  metadata: { name: 'p', namespace: 'argocd' },
  spec,
});
const cluster = (name: string, spec: object = {}): Cluster & ResourceDocument => ({
  apiVersion: 'flotilla.dev/v1alpha1',
  kind: 'Cluster',
  metadata: { name },
  spec: { server: `https://${name}`, ...spec },
});
const errorsOf = (raw: unknown, context?: AdmissionContext) => describeErrors(admit(raw, context).errors);
const warningsOf = (raw: unknown, context?: AdmissionContext) => admit(raw, context).warnings.join('\n');

describe('admission', () => {
  test('leaves unknown fields out with the right key named, and refuses them when asked to be strict', () => {
    const raw = application({ syncPolcy: {}, source: { repoURL: 'https://r', path: 'p', valueFiles: ['a'], targetRevison: 'x' } });
    const { document, warnings } = admit(raw);
    expect(warnings).toEqual([
      'spec.source.valueFiles is not a field of Application and is left out; did you mean spec.source.helm.valueFiles',
      'spec.source.targetRevison is not a field of Application and is left out; did you mean spec.source.targetRevision',
      'spec.syncPolcy is not a field of Application and is left out; did you mean spec.syncPolicy',
    ]);
    expect(document?.spec).toEqual({
      project: 'default',
      source: { repoURL: 'https://r', path: 'p' },
      destination: { name: 'c', namespace: 'n' },
    });
    expect(errorsOf(raw, { strict: true })).toContain('spec.syncPolcy is not a field of Application; did you mean spec.syncPolicy');
  });

  test('names every wrong field at once, with its line where it is known, and never changes its input', () => {
    const raw = application(
      { source: { repoURL: 3, path: '../x' }, syncPolicy: { automated: { prune: 'yes' } }, revisionHistoryLimit: 'many' },
      { name: 'Web' },
    );
    const before = structuredClone(raw);
    const { errors } = admit(raw, { lineOf: (field) => (field === 'metadata.name' ? 4 : undefined) });
    expect(raw).toEqual(before);
    expect(errors.map(({ field, line }) => (line ? `${field}@${line}` : field))).toEqual([
      'metadata.name@4',
      'spec.source.repoURL',
      'spec.syncPolicy.automated.prune',
      'spec.revisionHistoryLimit',
    ]);
    expect(errors[2]?.message).toBe('must be true or false, not the text "yes"');
  });

  test('refuses what is no document, too large, too deep, of an unknown kind or version', () => {
    expect(errorsOf('text')).toContain('must be a map');
    expect(errorsOf(application({}, { annotations: { a: 'x'.repeat(MAX_DOCUMENT_BYTES) } }))).toContain('the limit is 1572864');
    const deep: Record<string, unknown> = {};
    let node = deep;
    for (let i = 0; i < 300; i++) node = node.a = {} as Record<string, unknown>;
    expect(errorsOf(deep)).toContain('nested deeper');
    expect(errorsOf({ apiVersion: 'argoproj.io/v1alpha1', kind: 'Aplication' })).toContain('did you mean Application');
    expect(errorsOf({ apiVersion: 'argoproj.io/v1', kind: 'Application' })).toContain('it is served in argoproj.io/v1alpha1');
    expect(JSON.stringify(admit(JSON.parse('{"__proto__": {"kind": "Application"}, "kind": "Nope", "apiVersion": "v1"}')))).toContain(
      'Nope',
    );
  });

  test('keeps our prefix: a misspelt key is an error, an unknown one a warning, a stored one stays', () => {
    const typo = application({}, { annotations: { 'flotilla.dev/rollout-polciy': 'none' } });
    expect(errorsOf(typo)).toContain('did you mean flotilla.dev/rollout-policy');
    expect(errorsOf(typo, { byService: true })).toBe('');
    expect(errorsOf(typo, { previous: typo as unknown as ResourceDocument })).toBe('');
    expect(warningsOf(application({}, { labels: { 'flotilla.dev/xyzzy': '1' } }))).toContain('reserved');
  });

  test('fills in a missing namespace and project with a warning, and refuses a namespace that is not the request’s', () => {
    const { document, warnings } = admit(application({ project: undefined }, { namespace: undefined }));
    expect(document).toMatchObject({ metadata: { namespace: 'argocd' }, spec: { project: 'default' } });
    expect(warnings).toHaveLength(2);
    expect(errorsOf(application(), { namespace: 'other' })).toContain('does not match the namespace of the request');
    expect(warningsOf({ ...cluster('a'), metadata: { name: 'a', namespace: 'x' } })).toContain('Cluster is not namespaced');
  });

  test('checks an Application against its project and the inventory', () => {
    const team = {
      apiVersion: 'argoproj.io/v1alpha1' as const,
      kind: 'AppProject' as const,
      metadata: { name: 'team', namespace: 'argocd' },
      spec: { sourceRepos: ['https://r'], destinations: [{ name: 'c', namespace: 'x' }] },
    };
    const project = (name: string) => (name === 'team' ? team : undefined);
    expect(errorsOf(application({ project: 'team' }), { project })).toContain('destination c/n is not permitted');
    expect(errorsOf(application(), { project, clusters: [cluster('c')] })).toBe('');
    expect(warningsOf(application({ project: 'gone' }), { project })).toContain('AppProject gone does not exist');
    expect(warningsOf(application(), { clusters: [] })).toContain('no cluster named c is known');
    expect(errorsOf(application({ destination: { name: 'c', server: 'https://c' } }))).toContain("can't have both name and server");
  });

  test('takes a cluster once per server, and warns of a shared name', () => {
    expect(errorsOf(cluster('b', { server: 'https://a' }), { clusters: [cluster('a')] })).toContain('already the server of cluster a');
    expect(warningsOf(cluster('b', { name: 'a' }), { clusters: [cluster('a')] })).toContain('another cluster is named a too');
    expect(errorsOf(cluster('b', { server: 'not a url' }))).toContain('is no URL');
  });

  test('reads a RolloutPolicy without mercy for typos', () => {
    expect(
      errorsOf(policy({ maxFailures: '5%', soak: '30s', stages: [{ name: 'canary', count: 1, approval: true }, { name: 'rest' }] })),
    ).toBe('');
    expect(errorsOf(policy({ stages: [{ name: 'a', aproval: true }] }))).toContain(
      'spec.stages[0].aproval is not a field of RolloutPolicy; did you mean spec.stages[0].approval',
    );
    const errors = errorsOf(
      policy({
        soak: 'soon',
        maxConcurrent: 0,
        stages: [
          { name: 'a', count: 1, percent: 5 },
          { name: 'a', count: 1 },
        ],
      }),
    );
    for (const text of [
      '"soon" is not a duration',
      'spec.maxConcurrent',
      'takes count or percent, not both',
      'already the name of another stage',
    ]) {
      expect(errors).toContain(text);
    }
    expect(warningsOf(policy({ stages: [{ name: 'all' }, { name: 'never', count: 1 }] }))).toContain('takes every remaining cluster');
  });

  test('refuses sync windows that can never be right', () => {
    const project = (window: object) => ({
      apiVersion: 'argoproj.io/v1alpha1',
      kind: 'AppProject',
      metadata: { name: 'p', namespace: 'argocd' },
      spec: { syncWindows: [{ kind: 'allow', schedule: '0 9 * * 1-5', duration: '1h', applications: ['*'], ...window }] },
    });
    expect(errorsOf(project({}))).toBe('');
    expect(errorsOf(project({ schedule: '0 9 30 2 *' }))).toContain('never comes');
    for (const schedule of ['@hourly', '0 22-2 * * *', '0 9 * * 7', '0 9 * *'])
      expect(errorsOf(project({ schedule }))).toContain('schedule');
    expect(errorsOf(project({ schedule: 'TZ=Europe/Berlin 0 9 * JAN-MAR MON,FRI' }))).toBe('');
    expect(errorsOf(project({ kind: 'permit', duration: 'x', applications: [] })).split(';').length).toBeGreaterThan(2);
  });

  test('names what an ApplicationSet lacks or misspells, also deep inside its template', () => {
    const set = (spec: object) => ({
      apiVersion: 'argoproj.io/v1alpha1',
      kind: 'ApplicationSet',
      metadata: { name: 's', namespace: 'argocd' },
      spec,
    });
    const template = { metadata: { name: '{{name}}' }, spec: application().spec };
    expect(errorsOf(set({}))).toBe('spec.generators, spec.template are required');
    expect(errorsOf(set({ generators: [{ clusers: {} }], template }))).toContain('clusers is not a generator; did you mean `clusters`');
    expect(
      errorsOf(
        set({
          generators: [{ clusters: {} }],
          template: { ...template, spec: { ...template.spec, syncPolicy: { automated: { prune: 'si' } } } },
        }),
      ),
    ).toBe('spec.template.spec.syncPolicy.automated.prune must be true or false, not the text "si"');
    const decided = (spec: object) => set({ goTemplate: true, generators: [{ clusterDecisionResource: spec }], template });
    expect(errorsOf(decided({}))).toContain('spec.generators[0] clusterDecisionResource: configMapRef');
    expect(warningsOf(decided({ configMapRef: 'ocm', name: 'web' }))).toMatch(/spec.template: .*function "name" not defined/);
    expect(errorsOf(set({ goTemplate: true, goTemplateOptions: ['missingkey=none'], generators: [{ clusters: {} }], template }))).toContain(
      'missingkey=none',
    );
  });
});
