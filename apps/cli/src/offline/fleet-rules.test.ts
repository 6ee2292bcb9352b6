import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PlanReport } from '@flotilla/setplan';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runCli } from '../testing.js';

let dir: string;
const write = (name: string, ...documents: object[]): string => {
  writeFileSync(join(dir, name), documents.map((document) => JSON.stringify(document, null, 1)).join('\n---\n'));
  return join(dir, name);
};
const setOf = (project: string, { namespace = 'argocd', repoURL = 'https://g/team/app', annotations = {} } = {}) => ({
  apiVersion: 'argoproj.io/v1alpha1',
  kind: 'ApplicationSet',
  metadata: { name: 'web', namespace, annotations },
  spec: {
    generators: [{ clusters: { selector: { matchExpressions: [{ key: 'absent', operator: 'DoesNotExist' }] } } }],
    template: {
      metadata: { name: '{{name}}' },
      spec: { project, source: { repoURL, path: 'a' }, destination: { name: '{{name}}', namespace: 'web' } },
    },
  },
});
const projectOf = (spec: object, metadata: object = {}) => ({
  apiVersion: 'argoproj.io/v1alpha1',
  kind: 'AppProject',
  metadata: { name: 'team', namespace: 'argocd', ...metadata },
  spec: { sourceRepos: ['https://g/team/*'], destinations: [{ name: 'dev-*', namespace: 'web' }], ...spec },
});
const guardOf = (data: object, namespace = 'argocd') => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'flotilla-guard', namespace },
  data,
});
const clusterOf = (name: string, spec: object = {}, labels: object = {}) => ({
  apiVersion: 'flotilla.dev/v1alpha1',
  kind: 'Cluster',
  metadata: { name, labels },
  spec: { server: `https://${name}`, ...spec },
});
let clusters: string;

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'flotilla-rules-'));
  clusters = write('clusters.json', clusterOf('dev-a'), clusterOf('dev-b'), clusterOf('prod-a'));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

async function generate(...documents: object[]) {
  const file = write('files.json', ...documents);
  const { out, error, exitCode } = await runCli(['appset', 'generate', '-f', file, '--clusters', clusters, '-o', 'name']);
  const lines = error.split('\n').filter((line) => line !== '');
  const faults = lines.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line) as Record<string, unknown>);
  return { names: out.match(/(?<=\/)\S+/g) ?? [], warnings: lines.filter((line) => line.startsWith('Warning')), faults, exitCode };
}

describe('projects among the files', () => {
  test('show generators their clusters only, and refuse what the hub would refuse', async () => {
    const seen = await generate(projectOf({}), setOf('team'));
    expect([seen.names, seen.exitCode]).toEqual([['dev-a', 'dev-b'], 0]);
    expect(seen.warnings).toEqual([expect.stringContaining('1 cluster that it selects is not permitted by AppProject team')]);
    expect(await generate(projectOf({}), setOf('team', { repoURL: 'https://g/other' }))).toMatchObject({
      names: [],
      exitCode: 1,
      faults: [
        { set: 'web', field: 'spec.template.spec.source.repoURL', message: expect.stringContaining('spec.sourceRepos of AppProject team') },
        { message: expect.stringContaining('dev-b: spec.source.repoURL') },
      ],
    });
  });

  test('are known to a set by name, and say which namespaces may use them', async () => {
    const unknown = await generate(projectOf({}), setOf('nope'));
    expect(unknown).toMatchObject({ names: [], faults: [{ message: expect.stringContaining('AppProject nope does not exist') }] });
    const foreign = await generate(projectOf({}), setOf('team', { namespace: 'elsewhere' }));
    expect(foreign).toMatchObject({ names: [], faults: [{ message: expect.stringContaining('spec.sourceNamespaces') }] });
    const own = await generate(projectOf({ sourceNamespaces: ['elsewhere'] }), setOf('team', { namespace: 'elsewhere' }));
    expect(own.names).toEqual(['dev-a', 'dev-b']);
    const templated = await generate(projectOf({ sourceNamespaces: ['elsewhere'] }), setOf('{{name}}', { namespace: 'elsewhere' }));
    expect(templated).toMatchObject({ names: [], exitCode: 1 });
  });

  test('that are not there are not checked, which is said once', async () => {
    const { names, warnings, exitCode } = await generate(setOf('team'), { ...setOf('x'), metadata: { name: 'two', namespace: 'b' } });
    expect([names.length, exitCode]).toEqual([6, 0]);
    expect(warnings).toEqual(['Warning: no file holds an AppProject, so project rules were not checked; add -f with the projects']);
  });

  test('of other namespaces do not count, and one the hub would refuse leaves no set, with its line', async () => {
    const other = await generate(projectOf({}, { namespace: 'team-a' }), setOf('team'));
    expect(other.names).toHaveLength(3);
    expect(other.warnings.join()).toContain('AppProject team is left out: only those of namespace argocd count');
    const broken = projectOf({ destinations: [{ name: '!*', namespace: '*' }] });
    expect(await generate(broken, setOf('team'))).toMatchObject({
      names: [],
      exitCode: 1,
      faults: [{ set: null, field: 'spec.destinations[0].name', file: join(dir, 'files.json'), line: expect.any(Number), code: 'invalid' }],
    });
  });

  test('bind plan and trace as well', async () => {
    const file = write('files.json', projectOf({}), setOf('team'));
    const run = (verb: string) => runCli(['appset', verb, '-f', file, '--clusters', clusters, '-o', 'name']);
    for (const verb of ['plan', 'trace']) expect((await run(verb)).out).toMatch(/dev-a\n.*dev-b\n$/);
  });
});

describe('the guard of a plan', () => {
  const owner = { apiVersion: 'argoproj.io/v1alpha1', kind: 'ApplicationSet', name: 'web', uid: 'u', controller: true };
  const stored = (names: readonly string[], destination = 'dev-a') =>
    names.map((name) => ({
      ...{ apiVersion: 'argoproj.io/v1alpha1', kind: 'Application' },
      metadata: { name, namespace: 'argocd', ownerReferences: [owner] },
      spec: { project: 'team', source: { repoURL: 'https://g/team/app', path: 'a' }, destination: { name: destination, namespace: 'web' } },
    }));
  async function plan(documents: object[], names: readonly string[], destination?: string): Promise<PlanReport> {
    const file = write('files.json', ...documents);
    const existing = write('existing.json', ...stored([...Array.from({ length: 10 }, (_, i) => `dev-${i}`), ...names], destination));
    const inventory = write(
      'many.json',
      ...Array.from({ length: 10 }, (_, i) => clusterOf(`dev-${i}`)),
      clusterOf('dev-vault', {}, { 'flotilla.dev/protected': 'true' }),
    );
    const { out } = await runCli(['appset', 'plan', '-f', file, '--clusters', inventory, '--existing', existing, '-o', 'json']);
    return (JSON.parse(out) as [PlanReport])[0];
  }
  const three = ['x', 'y', 'z'];

  test('goes by the set, then by the project of the applications, then by the fleet', async () => {
    const permissive = { 'flotilla.dev/max-deletion-percent': '50' };
    expect(await plan([projectOf({}), setOf('team')], three)).toMatchObject({ hold: [{}, {}, {}], rule: expect.stringContaining('20') });
    expect(await plan([projectOf({}), guardOf({ 'max-deletion-percent': '50' }), setOf('team')], three)).toMatchObject({ hold: [] });
    const project = projectOf({}, { annotations: { 'flotilla.dev/max-deletions': '2' } });
    expect(await plan([project, guardOf({ 'max-deletion-percent': '50' }), setOf('team')], three)).toMatchObject({
      rule: 'more than max-deletions 2',
    });
    const own = setOf('team', { annotations: { ...permissive, 'flotilla.dev/max-deletions': '3' } });
    expect((await plan([project, own], three)).delete.map(({ name }) => name)).toEqual(three);
    const waits = await plan([projectOf({}), guardOf({ 'max-deletion-percent': '50', 'restore-window': '1h' }), setOf('team')], three);
    expect(waits.pending).toMatchObject([{ name: 'x', deleteAfter: expect.any(String) }, {}, {}]);
  });

  test('holds what goes to a protected cluster, and lets go what the set says a person released', async () => {
    const documents = [projectOf({}), setOf('team')];
    expect(await plan(documents, ['x'])).toMatchObject({ delete: [{ name: 'x' }], hold: [] });
    expect(await plan(documents, ['x'], 'dev-vault')).toMatchObject({ delete: [], hold: [{ name: 'x' }], rule: 'protected' });
    const released = setOf('team', { annotations: { 'flotilla.dev/confirmed-deletions': '["x","y","z"]' } });
    expect((await plan([projectOf({}), released], three)).delete).toHaveLength(3);
  });

  test('is nobody’s ConfigMap but the fleet’s, and a setting nobody can read leaves no set', async () => {
    expect(await plan([projectOf({}), guardOf({ 'max-deletion-percent': '50' }, 'other'), setOf('team')], three)).toMatchObject({
      hold: [{}, {}, {}],
    });
    const bad = await generate(guardOf({ 'max-deletions': 'many' }), setOf('team'));
    expect(bad).toMatchObject({ names: [], faults: [{ set: null, field: 'data.max-deletions', code: 'invalid' }] });
  });
});
