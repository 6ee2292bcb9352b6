import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SetTrace } from '@flotilla/generators';
import type { PlanReport } from '@flotilla/setplan';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { emptyPlan, runCli } from '../testing.js';

interface StoredItem {
  apiVersion: string;
  kind: string;
  metadata: { name: string };
  spec: { source: object };
}

let dir: string;
const write = (path: string, text: string): string => {
  writeFileSync(join(dir, path), text);
  return join(dir, path);
};
const SET = `# sets
apiVersion: argoproj.io/v1alpha1
kind: ApplicationSet
metadata: {name: apps, namespace: argocd}
spec:
  generators:
  - matrix:
      generators:
      - git:
          repoURL: https://r
          revision: HEAD
          files:
          - path: apps/*.json
      - clusters:
          selector: {matchLabels: {tier: '{{tier}}'}}
          values:
            ns: '{{metadata.labels.team}}'
            idle: x
  template:
    metadata: {name: '{{app}}-{{name}}'}
    spec:
      project: default
      source: {repoURL: https://r, path: 'k/{{app}}', targetRevision: '{{revision | default "main"}}'}
      destination: {name: '{{name}}', namespace: '{{values.ns}}'}
`;
let args: string[];

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'flotilla-trace-'));
  execFileSync('git', ['init', '-q', dir]);
  execFileSync('mkdir', [join(dir, 'apps')]);
  write('apps/web.json', '{\n  "app": "web",\n  "tier": "gold",\n  "cost": 5\n}\n');
  write('apps/api.json', '{"app": "api", "tier": "none"}');
  const cluster = (name: string) =>
    `kind: Cluster\napiVersion: flotilla.dev/v1alpha1\nmetadata: {name: ${name}, labels: {tier: gold, team: ops}}\nspec: {}\n`;
  const clusters = write('clusters.yaml', `${cluster('eu')}---\n${cluster('us')}`);
  args = ['-f', write('set.yaml', SET), '--clusters', clusters, '--repo', `https://r=${dir}`];
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

describe('a trace', () => {
  test('names generator, file, line, cluster and label of every parameter, unused ones and files without a cluster', async () => {
    const { out, exitCode } = await runCli(['appset', 'trace', ...args, '-o', 'json']);
    expect(exitCode).toBe(0);
    const [trace] = JSON.parse(out) as [SetTrace];
    expect(trace.applications.map(({ name }) => name)).toEqual(['web-eu', 'web-us']);
    const matrix = 'spec.generators[0].matrix.generators';
    const sources = Object.fromEntries(trace.applications[0]!.parameters.map(({ name, value, source }) => [name, { value, ...source }]));
    expect(sources).toEqual({
      app: { value: 'web', generator: `${matrix}[0].git`, repository: 'https://r', revision: 'HEAD', file: 'apps/web.json', line: 2 },
      name: { value: 'eu', generator: `${matrix}[1].clusters`, cluster: 'eu' },
      'values.ns': {
        value: 'ops',
        generator: `${matrix}[1].clusters`,
        cluster: 'eu',
        field: `${matrix}[1].clusters.values.ns`,
        from: ['metadata.labels.team'],
        file: join(dir, 'set.yaml'),
        line: 17,
      },
      revision: {
        value: 'main',
        generator: 'spec.template',
        field: 'spec.template.spec.source.targetRevision',
        file: join(dir, 'set.yaml'),
        line: 23,
      },
    });
    expect(trace.unused.map(({ name, source: { file, line } }) => [name, file, line])).toEqual([
      ['cost', 'apps/web.json', 4],
      ['values.idle', join(dir, 'set.yaml'), 18],
    ]);
    expect(trace.unmatched).toMatchObject([{ source: { file: 'apps/api.json' }, against: `${matrix}[1]` }]);
    expect(trace.findings.join()).toContain('`| default` needs');
  });

  test('is a table, names, or a comment, of one application when asked', async () => {
    const table = (await runCli(['appset', 'trace', ...args, '-a', 'web-us'])).out;
    expect(table).toMatch(/web-us +app +web +apps\/web\.json:2 of https:\/\/r at HEAD \(spec\.generators\[0\]/);
    expect(table).not.toContain('web-eu');
    expect(table).toContain('apps: parameter cost is never used: apps/web.json:4');
    expect((await runCli(['appset', 'trace', ...args, '-o', 'name'])).out).toBe(
      'application.argoproj.io/web-eu\napplication.argoproj.io/web-us\n',
    );
    expect((await runCli(['appset', 'trace', ...args, '-o', 'markdown'])).out).toEqual(
      expect.stringMatching(/^### 2 applications of 1 set\n\n- :warning: `no file holds an AppProject.*\n- `apps`: parameter `cost`/),
    );
  });
});

describe('a plan and a diff', () => {
  const generate = async (edit: (items: StoredItem[]) => unknown): Promise<string> => {
    const { out } = await runCli(['appset', 'generate', ...args, '-o', 'json']);
    const owner = {
      apiVersion: 'argoproj.io/v1alpha1',
      kind: 'ApplicationSet',
      name: 'apps',
      uid: 'u1',
      controller: true,
      blockOwnerDeletion: true,
    };
    const items = (JSON.parse(out) as { metadata: object }[]).map((item) => ({
      ...item,
      metadata: { ...item.metadata, ownerReferences: [owner], uid: 'x', resourceVersion: '1' },
      status: { sync: {} },
    }));
    return JSON.stringify(edit(items as never));
  };
  const run = async (command: string, existing: string | undefined, ...more: string[]) =>
    runCli(['appset', command, ...args, ...(existing ? ['--existing', existing] : []), ...more]);

  test('without existing applications creates all, and asks for exit code 2 only when told to', async () => {
    const { out, exitCode } = await run('plan', undefined);
    expect([exitCode, out]).toEqual([
      0,
      expect.stringMatching(/create +web-eu +eu +k\/web\ncreate +web-us +us +k\/web\n\n2 to create, 0 unchanged, in 1 set\n$/),
    ]);
    expect((await run('plan', undefined, '--detailed-exitcode')).exitCode).toBe(2);
  });

  test('of what is as it should be finds nothing, in a kubectl list as in a list of argocd', async () => {
    const list = write('existing.json', await generate((items) => ({ apiVersion: 'v1', kind: 'List', items })));
    expect(await run('plan', list, '--detailed-exitcode')).toMatchObject({ exitCode: 0, out: expect.stringContaining('No changes') });
    expect(await run('diff', list)).toMatchObject({ out: '', exitCode: 0 });
    const bare = write('existing.json', await generate((items) => items.map(({ kind: _, apiVersion: __, ...item }) => item)));
    expect((await run('plan', bare)).out).toBe('No changes, 2 unchanged, in 1 set\n');
  });

  test('shows fields, deletions and their reason, and a diff that exits with 1', async () => {
    const existing = write(
      'existing.json',
      await generate((items) => [
        { ...items[0], spec: { ...items[0]!.spec, source: { ...items[0]!.spec.source, targetRevision: 'v1' } } },
        items[1],
        { ...items[1], metadata: { ...items[1]!.metadata, name: 'old-us' } },
      ]),
    );
    const { out, exitCode } = await run('plan', existing, '-o', 'json', '--detailed-exitcode');
    const [report] = JSON.parse(out) as [PlanReport];
    expect(exitCode).toBe(2);
    expect(report).toMatchObject({
      change: [{ name: 'web-eu', fields: [{ path: 'spec.source.targetRevision', old: 'v1', new: 'main' }] }],
      delete: [{ name: 'old-us', reason: expect.any(String) }],
      unchanged: 1,
    });
    expect((await run('plan', existing, '-o', 'wide')).out).toContain('spec.source.targetRevision: v1 -> main');
    expect((await run('plan', existing, '-o', 'markdown')).out).toContain('### 1 to change, 1 to delete, 1 unchanged, in 1 set\n');
    const diff = await run('diff', existing);
    expect(diff.exitCode).toBe(1);
    expect(diff.out).toContain('-    targetRevision: v1\n+    targetRevision: main\n');
    expect(diff.out).toContain('--- a/argocd/old-us.yaml\n+++ /dev/null\n');
  });

  test('says what the guard holds and why with exit code 1, and an error with a code of its own in a diff', async () => {
    const existing = write(
      'existing.json',
      await generate((items) => ['a', 'b', 'c', 'd', 'e', 'f'].map((name) => ({ ...items[0], metadata: { ...items[0]!.metadata, name } }))),
    );
    const { out, exitCode } = await run('plan', existing);
    expect([exitCode, out]).toEqual([1, expect.stringMatching(/held +a +eu +more than [\s\S]*2 to create, 6 held/)]);
    const broken = write('broken.yaml', 'a: [');
    expect(await run('diff', broken)).toMatchObject({ exitCode: 2, error: expect.stringContaining('"code":"invalid"') });
    expect(await runCli(['appset', 'diff', '--offline'])).toMatchObject({ exitCode: 2, error: expect.stringContaining('needs -f FILE') });
    expect((await run('plan', broken)).exitCode).toBe(1);
  });
});

test('a stored set, and sets of files, are traced and planned by the hub', async () => {
  const report = { ...emptyPlan('argocd/apps'), create: [{ name: 'a' }], warnings: ['w'] };
  const planned = { report, documents: [{ name: 'a', after: { kind: 'Application', metadata: { name: 'a', namespace: 'argocd' } } }] };
  const plan = await runCli(['appset', 'plan', 'team/apps'], { planStoredSet: planned });
  expect(plan).toMatchObject({ out: expect.stringContaining('1 to create'), error: 'Warning: argocd/apps: w\n' });
  expect(plan.calls).toMatchObject([{ id: 'planStoredSet', options: { parameters: { namespace: 'team', name: 'apps' } } }]);
  expect(await runCli(['appset', 'diff', 'apps'], { planStoredSet: planned })).toMatchObject({
    exitCode: 1,
    out: expect.stringContaining('+++ b/argocd/a.yaml'),
  });
  const file = write('two.yaml', `${SET}---\n${SET}`);
  expect((await runCli(['appset', 'plan', '-f', file], { planApplicationSet: planned })).calls).toHaveLength(2);
  const trace: SetTrace = { set: 'apps', applications: [], more: 0, unused: [], unmatched: [], findings: ['f'] };
  const traced = await runCli(['appset', 'trace', 'apps', '-a', 'x', '-a', 'y'], { traceStoredSet: trace });
  expect([traced.out, traced.calls[0]!.options!.query]).toEqual(['apps: f\n', { application: 'x,y' }]);
  const field = 'spec.generators[0].matrix.generators[1].clusters.values.idle';
  const unused = [{ name: 'values.idle', sets: 1, source: { generator: 'g', field } }];
  const both = await runCli(['appset', 'trace', '-f', file], { traceApplicationSet: { ...trace, unused } });
  expect(both.calls).toHaveLength(2);
  expect(both.out).toContain(`parameter values.idle is never used: ${file}:18 (${field})`);
});
