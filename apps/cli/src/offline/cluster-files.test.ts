import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runCli } from '../testing.js';
import { readClusters } from './cluster-files.js';
import { readManifests } from './read-manifests.js';

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'flotilla-inventory-'));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const write = (text: string): string => {
  const file = join(dir, 'clusters.yaml');
  writeFileSync(file, text);
  return file;
};
const read = (text: string) => readClusters(readManifests(write(text)));
const secret = (name: string, values: string, metadata = ''): string =>
  `kind: Secret\nmetadata: {name: ${name}, labels: {argocd.argoproj.io/secret-type: cluster, env: dev}${metadata}}\n${values}\n---\n`;

test('a cluster Secret is the cluster the hub makes of it', () => {
  const data = `data: {name: ${btoa('eu')}, server: ${btoa('https://eu\n')}, project: ${btoa('team')}}`;
  const annotated = ", annotations: {team: ops, kubectl.kubernetes.io/last-applied-configuration: '{}'}";
  expect(read(secret('s', data, annotated))).toMatchObject([
    {
      metadata: { name: 's', labels: { env: 'dev' }, annotations: { team: 'ops', 'flotilla.dev/cluster-secret': 'argocd/s' } },
      spec: { server: 'https://eu', name: 'eu', project: 'team' },
    },
  ]);
  expect(read(secret('s', data, annotated))[0]!.metadata.annotations).not.toHaveProperty(
    'kubectl.kubernetes.io/last-applied-configuration',
  );
  expect(read(secret('s', 'stringData: {server: https://kubernetes.default.svc}'))).toMatchObject([{ spec: { local: true } }]);
});

test('the last of equal names counts, and a Secret never takes the place of a Cluster it did not make', () => {
  const own = 'apiVersion: flotilla.dev/v1alpha1\nkind: Cluster\nmetadata: {name: eu}\nspec: {}\n---\n';
  const clusters = read(
    secret('eu', 'stringData: {name: one, server: https://1}') + secret('eu', 'stringData: {name: two, server: https://2}') + own,
  );
  expect(clusters.map(({ metadata, spec }) => [metadata.name, spec.name])).toEqual([
    ['eu', undefined],
    ['secret-eu', 'two'],
  ]);
});

test('other documents are left out, kinds of the same name too, and what cannot be read is named by file and line', () => {
  expect(
    read('apiVersion: cluster.x-k8s.io/v1beta1\nkind: Cluster\nmetadata: {name: a}\n---\nkind: Secret\nmetadata: {name: x}\n'),
  ).toEqual([]);
  expect(() => read('# ours\nkind: Cluster\napiVersion: flotilla.dev/v1alpha1\nmetadata: {name: a}\nspec: {servr: x}\n')).toThrow(
    /clusters\.yaml:5: Cluster spec\.servr is not a field of Cluster; did you mean spec\.server/,
  );
  expect(() => read(secret('s', 'stringData: {name: x}'))).toThrow(/clusters\.yaml:1: the cluster Secret s has no data\.server/);
});

test('clusters that were not given are not known, and those that wait for acceptance are not there', async () => {
  const set = join(dir, 'set.yaml');
  const template =
    '{metadata: {name: "{{name}}"}, spec: {project: default, source: {repoURL: https://r, path: p}, destination: {name: "{{name}}"}}}';
  writeFileSync(
    set,
    `apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nmetadata: {name: a, namespace: argocd}\nspec: {generators: [{clusters: {}}], template: ${template}}\n`,
  );
  expect(await runCli(['appset', 'plan', '-f', set, '--offline'])).toMatchObject({
    exitCode: 1,
    error: expect.stringContaining('the clusters are not at hand; add --clusters FILE|DIR'),
  });
  const cluster = (name: string, spec: string) =>
    `apiVersion: flotilla.dev/v1alpha1\nkind: Cluster\nmetadata: {name: ${name}}\nspec: ${spec}\n---\n`;
  const clusters = write(cluster('eu', '{accepted: true}') + cluster('us', '{accepted: false}'));
  expect((await runCli(['appset', 'generate', '-f', set, '--clusters', clusters, '-o', 'name'])).out).toBe(
    'application.argoproj.io/eu\napplication.argoproj.io/in-cluster\n',
  );
});
