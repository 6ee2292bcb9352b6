import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SetTrace } from '@flotilla/generators';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runCli } from '../testing.js';

const CORPUS = join(import.meta.dirname, '../../../../test/corpus');
const oddities = JSON.parse(readFileSync(join(CORPUS, 'oddities.json'), 'utf8')) as { id: string; action: string; files: string[] }[];
const REPOSITORIES: Record<string, string> = {
  'https://github.com/org/kubernetes-manifests': '000-kubernetes-manifests',
  'https://github.com/org/app-registry': '000-app-registry',
  'https://github.com/org/environments': '000-environments',
  'https://github.com/your-org/my-app-manifests': '002-my-app-manifests',
  'https://github.com/myorg/config-repo': '003-config-repo',
};
/** Rejected only together with something else, which these runs leave out. */
const TOGETHER = ['G08', 'G15', 'G16'];
/** What the stated behaviour of a row names, in what the command line says. */
const SAYS: Record<string, RegExp> = {
  G01: /cluster is not a generator; read as `clusters`/,
  G02: /strict Argo CD needs quotes or `goTemplate: true`/,
  G03: /`\| default` needs spec\.goTemplate: true and \{\{ \.replicaCount \| default/,
  G04: /\{\{environment\}\} and \{\{cluster\.url\}\} are not produced by apps\/frontend\/app\.json, which has environments\.0/,
  G05: /must be a boolean[\s\S]*automated is present, so backend-prod still syncs automatically/,
  G06: /element parameters replicas, syncPolicy|element parameters syncPolicy, replicas/,
  G07: /no cluster has environment=prod \(labels seen: production\)[\s\S]*produced 0 combinations|produced 0 combinations[\s\S]*labels seen: production/,
  G09: /spec\.template\.spec\.source\.repoURL is required/,
  G11: /apiVersion, kind and metadata\.name are missing; this looks like part of an ApplicationSet/,
};

let dir: string;
let inputs: string[];
const clusters = ['000-prod-cluster-east', '002-labelled-staging-prod', '000-spoke-cluster-east'];

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'flotilla-corpus-'));
  const git = (cwd: string, ...args: string[]): void => {
    execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.com', '-c', 'commit.gpgsign=false', ...args], {
      cwd,
      stdio: 'ignore',
    });
  };
  for (const name of Object.values(REPOSITORIES)) {
    cpSync(join(CORPUS, 'repos', name), join(dir, name), { recursive: true });
    git(join(dir, name), 'init', '-q', '-b', 'main');
    git(join(dir, name), 'add', '-A');
    git(join(dir, name), 'commit', '-q', '-m', 'corpus');
  }
  inputs = Object.entries(REPOSITORIES).flatMap(([url, name]) => ['--repo', `${url}=${join(dir, name)}`]);
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const run = (command: string, file: string, ...more: string[]) =>
  runCli(['appset', command, '-f', join(CORPUS, 'applicationsets', file), ...clustersOf(file), ...inputs, ...more]);
/** G07 and G15 are about the first two; only one of two equal names lets the other sets stand. */
const clustersOf = (file: string): string[] =>
  clusters.slice(0, file.startsWith('000-matrix') ? 3 : 2).flatMap((name) => ['--clusters', join(CORPUS, 'clusters', `${name}.yaml`)]);

describe('the corpus, offline', () => {
  const files = readdirSync(join(CORPUS, 'applicationsets'));

  test('has the sets this run knows', () => expect(files.length).toBe(22));

  for (const file of files) {
    const rows = oddities.filter((row) => row.files.includes(`applicationsets/${file}`) && !TOGETHER.includes(row.id));
    test(`${file} is answered as ${rows.map(({ id }) => id).join(', ') || 'free of oddities'}`, async () => {
      const generated = await run('generate', file, '-o', 'json');
      const isRejected = rows.some(({ action }) => action === 'reject');
      expect({ exitCode: generated.exitCode, error: generated.exitCode === 0 || generated.error }).toMatchObject({
        exitCode: isRejected ? 1 : 0,
      });
      if (isRejected) expect(generated.out).toBe('');
      const isFragment = rows.some(({ id }) => id === 'G11');
      for (const { id } of rows) if (SAYS[id] && (!isFragment || id === 'G11')) expect(generated.error).toMatch(SAYS[id]);
      for (const command of ['plan', 'trace']) expect((await run(command, file)).exitCode).toBe(isRejected ? 1 : 0);
    });
  }

  test('G01 to G08: whichever command asks names the right key', async () => {
    for (const file of files) {
      const ids = oddities.filter((row) => row.files.includes(`applicationsets/${file}`)).map(({ id }) => id);
      const isFragment = ids.includes('G11');
      for (const command of ['generate', 'plan', 'trace']) {
        const { out, error } = await run(command, file);
        for (const id of isFragment ? ['G11'] : ids.filter((one) => one in SAYS)) expect(`${command} ${error}${out}`).toMatch(SAYS[id]!);
      }
    }
  }, 30_000);

  test('G08: one directory is accepted and the part of the path that differs is named, several are held back with it', async () => {
    const { error, out, exitCode } = await run('generate', '003-git-directory-apps.yaml', '-o', 'name');
    expect([out, exitCode]).toEqual(['application.argoproj.io/production\n', 0]);
    expect(error).toContain(
      'every directory of apps/*/overlays/production is called production, so metadata.name tells none apart; use {{path[1]}}',
    );
  });

  test('G15: a destination by a name that two clusters have is refused', async () => {
    const file = join(dir, 'ambiguous.yaml');
    const text = readFileSync(join(CORPUS, 'applicationsets/004-clusters-order-service.yaml'), 'utf8');
    const list = 'generators:\n    - list: {elements: [{name: prod-east, metadata.labels.region: east, server: x}]}';
    const named = text.replace(/generators:[\s\S]*?(?=\n {2}template:)/, list).replace(/server: "\{\{server\}\}"/, "name: '{{name}}'");
    writeFileSync(file, named);
    const inventory = clusters.flatMap((name) => ['--clusters', join(CORPUS, 'clusters', `${name}.yaml`)]);
    const { error, exitCode } = await runCli(['appset', 'generate', '-f', file, ...inventory]);
    expect([exitCode, error]).toEqual([1, expect.stringContaining('there are 2 clusters named prod-east')]);
  });

  test('G16: sets loaded together do not share an application, whichever command asks', async () => {
    const together = ['002-clusters-my-app-all-clusters', '002-clusters-helm-values', '002-clusters-kustomize-overlays'];
    const more = together.slice(1).flatMap((name) => ['-f', join(CORPUS, 'applicationsets', `${name}.yaml`)]);
    const { error, exitCode } = await run('generate', `${together[0]}.yaml`, ...more, '-o', 'name');
    const conflicts = error.split('\n').filter((line) => line.includes('"owner-conflict"'));
    expect([exitCode, conflicts.length]).toEqual([1, 2]);
    const message = 'Application my-app-prod-us-east is already owned by ApplicationSet my-app-all-clusters';
    for (const conflict of conflicts)
      expect(JSON.parse(conflict)).toMatchObject({ message, field: 'spec.template.metadata.name', line: expect.any(Number) });
    const plan = await run('plan', `${together[0]}.yaml`, ...more);
    expect(plan).toMatchObject({ exitCode: 1, out: expect.stringMatching(/refused +my-app-prod-us-east +-[\s\S]*2 to create, 2 refused/) });
    expect(plan.out).toContain(message);
  });

  const traceOf = async (file: string): Promise<SetTrace> => (JSON.parse((await run('trace', file, '-o', 'json')).out) as SetTrace[])[0]!;

  test('a trace shows what G06 leaves unused, with the line', async () => {
    const { unused } = await traceOf('002-list-my-app.yaml');
    const text = readFileSync(join(CORPUS, 'applicationsets/002-list-my-app.yaml'), 'utf8').split('\n');
    expect(unused.map(({ name }) => name).sort()).toEqual(['replicas', 'syncPolicy']);
    for (const { name, source } of unused) expect(text[source.line! - 1]).toContain(`${name}:`);
  });

  test('a trace shows the environment of G07 that matched no cluster', async () => {
    const { unmatched, applications } = await traceOf('000-matrix-environments-clusters.yaml');
    expect(applications).toEqual([]);
    expect(unmatched.map(({ source }) => source.file)).toEqual(
      readdirSync(join(CORPUS, 'repos/000-environments/environments')).map((name) => `environments/${name}`),
    );
  });

  test('a trace of directories and clusters names each path, cluster and label', async () => {
    const { applications } = await traceOf('004-clusters-order-service.yaml');
    expect(applications[0]!.parameters.map(({ name, source }) => [name, source?.cluster, source?.label])).toContainEqual([
      'metadata.labels.region',
      'prod-east',
      'region',
    ]);
  });
});
