import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type GatewayUnderTest, startGateway } from '../testing/gateway-under-test.js';

let gateway: GatewayUnderTest;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway?.stop());

const application = (name: string, spec = ''): string => `apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: ${name}, namespace: argocd}
spec:
  project: default
  source: {repoURL: https://git.example.com/r.git, path: app, targetRevision: main}
  destination: {name: dev-eu, namespace: web}
${spec}`;
const SET = `apiVersion: argoproj.io/v1alpha1
kind: ApplicationSet
metadata: {name: apps, namespace: argocd}
spec:
  generators: [{list: {elements: [{cluster: dev-eu}]}}]
  template:
    metadata: {name: 'web-{{cluster}}'}
    spec:
      project: default
      source: {repoURL: https://git.example.com/r.git, path: app}
      destination: {name: '{{cluster}}', namespace: web}
`;
const PROJECT = `apiVersion: argoproj.io/v1alpha1
kind: AppProject
metadata: {name: team, namespace: argocd}
spec:
  sourceRepos: [https://git.example.com/*]
  destinations: [{name: dev-eu, server: '*', namespace: web}]
`;
const POLICY = `apiVersion: flotilla.dev/v1alpha1
kind: RolloutPolicy
metadata: {name: careful, namespace: argocd}
spec:
  stages:
  - {name: dev, clusterSelector: {matchLabels: {stage: dev}}}
  - {name: prod, approval: true}
`;
const DECISION = `apiVersion: cluster.open-cluster-management.io/v1beta1
kind: PlacementDecision
metadata: {name: web, namespace: argocd, labels: {app: web}}
status:
  decisions: [{clusterName: dev-eu, reason: nearest}]
`;
const settings = (color: string): string => `apiVersion: v1
kind: ConfigMap
metadata: {name: argocd-cm, namespace: argocd}
data: {color: ${color}}
`;
const apply = (stdin: string, ...flags: string[]): Promise<string> => gateway.kubectl.ok(['apply', '-f', '-', ...flags], { stdin });

describe('an unmodified kubectl on the hub', () => {
  test.for([
    ['application', application('web')],
    ['applicationset', SET],
    ['appproject', PROJECT],
    ['rolloutpolicy', POLICY],
    ['configmap', settings('red')],
  ])('applies %s on the client side, then finds it unchanged, and takes it over on the server side', async ([kind, text]) => {
    expect(await apply(text!)).toMatch(new RegExp(`^${kind}\\S* created`, 'm'));
    expect(await apply(text!)).toMatch(new RegExp(`^${kind}\\S* unchanged`, 'm'));
    expect(await apply(text!, '--server-side', '--force-conflicts')).toMatch(/serverside-applied/);
  });

  test('gets tables, wide tables and single fields', async () => {
    expect(await gateway.kubectl.ok(['get', 'app', '-n', 'argocd'])).toMatch(/^NAME .*AGE\nweb /);
    expect(await gateway.kubectl.ok(['get', 'applications', '-n', 'argocd', '-o', 'wide'])).toMatch(/NAME +.*\nweb .*/);
    expect(await gateway.kubectl.ok(['get', 'appset,appproj,rolloutpolicies', '-A', '-o', 'name'])).toContain(
      'applicationset.argoproj.io/apps',
    );
    expect(await gateway.kubectl.ok(['get', 'app', 'web', '-n', 'argocd', '-o', 'jsonpath={.spec.source.path}'])).toBe('app');
  });

  test('watches changes as they come', async () => {
    const watching = gateway.kubectl.run([
      'get',
      'app',
      '-n',
      'argocd',
      '-w',
      '--field-selector=metadata.name=watched',
      '--request-timeout=4s',
    ]);
    await expect.poll(() => gateway.service.gateway.api.watchers, { timeout: 10_000 }).toBeGreaterThan(0);
    await apply(application('watched'));
    await gateway.kubectl.ok(['label', 'app', 'watched', '-n', 'argocd', 'tier=front']);
    expect((await watching).stdout.match(/^watched /gm)).toHaveLength(2);
  });

  test('explains our kinds and theirs', async () => {
    expect(await gateway.kubectl.ok(['explain', 'application.spec.destination'])).toMatch(/KIND: +Application[\s\S]*server\s/);
    expect(await gateway.kubectl.ok(['explain', 'rolloutpolicy.spec.stages'])).toContain('maxConcurrent');
    expect(await gateway.kubectl.ok(['explain', 'appproject.spec'])).toContain('sourceRepos');
    expect(await gateway.kubectl.ok(['explain', 'applicationset.spec'])).toContain('generators');
    expect(await gateway.kubectl.ok(['explain', 'secret.stringData'])).toContain('stringData');
  });

  test('edits with an editor of its own', async () => {
    const editor = gateway.kubectl.write('editor.sh', '#!/bin/sh\nsed -i "s/path: app/path: edited/" "$1"\n', 0o700);
    const edited = await gateway.kubectl.ok(['edit', 'app', 'web', '-n', 'argocd'], { env: { KUBE_EDITOR: editor } });
    expect(edited).toContain('application.argoproj.io/web edited');
    expect(await gateway.kubectl.ok(['get', 'app', 'web', '-n', 'argocd', '-o', 'jsonpath={.spec.source.path}'])).toBe('edited');
  });

  test('shows a diff without storing anything', async () => {
    for (const flags of [[], ['--server-side', '--force-conflicts']]) {
      const { code, stdout } = await gateway.kubectl.run(['diff', ...flags, '-f', '-'], { stdin: settings('black') });
      expect(code).toBe(1);
      expect(stdout).toContain('+  color: black');
    }
    expect(await gateway.kubectl.ok(['get', 'cm', 'argocd-cm', '-n', 'argocd', '-o', 'jsonpath={.data.color}'])).toBe('red');
  });

  test('writes decisions over clusters, whose status has its own door as with Open Cluster Management', async () => {
    const decisions = () =>
      gateway.kubectl.ok(['get', 'placementdecision', 'web', '-n', 'argocd', '-o', 'jsonpath={.status.decisions[*].clusterName}']);
    await apply(DECISION);
    expect(await decisions()).toBe('');
    await gateway.kubectl.ok(['replace', '--subresource=status', '-f', '-'], { stdin: DECISION });
    expect(await decisions()).toBe('dev-eu');
    await apply(DECISION.replace('dev-eu', 'qa-eu'), '--server-side', '--force-conflicts', '--subresource=status');
    expect(await decisions()).toBe('qa-eu');
  });

  test('waits for a field and for a deletion, and deletes', async () => {
    const status = JSON.stringify({ status: { health: { status: 'Healthy' } } });
    const waiting = gateway.kubectl.ok([
      'wait',
      '-n',
      'argocd',
      '--for=jsonpath={.status.health.status}=Healthy',
      'app/web',
      '--timeout=10s',
    ]);
    await gateway.kubectl.ok(['patch', 'app', 'web', '-n', 'argocd', '--subresource=status', '--type=merge', '-p', status]);
    expect(await waiting).toContain('condition met');
    const gone = gateway.kubectl.ok(['wait', '-n', 'argocd', '--for=delete', 'app/web', '--timeout=10s']);
    expect(await gateway.kubectl.ok(['delete', 'app', 'web', '-n', 'argocd'])).toContain('application.argoproj.io "web" deleted');
    await gone;
    expect(await gateway.kubectl.ok(['delete', '-f', '-'], { stdin: `${SET}---\n${POLICY}` })).toMatch(
      /applicationset.*deleted[\s\S]*rolloutpolicy.*deleted/,
    );
  });
});

describe('what people get wrong', () => {
  const refused = async (text: string, ...flags: string[]): Promise<string> => {
    const { code, stderr } = await gateway.kubectl.run(['apply', '-f', '-', ...flags], { stdin: text });
    expect(code).toBe(1);
    return stderr;
  };

  test('an unknown field is refused with the name that was meant, and nothing is stored', async () => {
    const typo = application('typo').replace('targetRevision', 'targetRevison');
    expect(await refused(typo)).toMatch(/spec\.source\.targetRevison.*did you mean spec\.source\.targetRevision/);
    expect(await refused(application('typo', '  syncPolcy: {}\n'))).toMatch(/spec\.syncPolcy.*did you mean spec\.syncPolicy/);
    expect(await refused(application('typo', '  syncPolcy: {}\n'), '--server-side')).toContain('syncPolcy');
    expect(await refused(SET.replace('list:', 'lst:'))).toMatch(/spec\.generators\[0\].*lst.*list/);
    expect(await refused(POLICY.replace('approval', 'aproval'), '--validate=ignore')).toMatch(
      /aproval.*did you mean spec\.stages\[1\]\.approval/,
    );
    expect((await gateway.kubectl.run(['get', 'app', 'typo', '-n', 'argocd'])).stderr).toContain('"typo" not found');
  });

  test('every wrong field is named at once', async () => {
    const broken = application('broken').replace('repoURL: https://git.example.com/r.git, ', '').replace('name: dev-eu, ', '');
    const stderr = await refused(broken);
    expect(stderr).toContain('spec.source.repoURL: Required value');
    expect(await refused(`${application('broken').replace('path: app', 'path: ../x')}`)).toContain('must not leave the repository');
  });

  test('what is accepted with a remark says so in a warning', async () => {
    const text = application('lenient').replace('  project: default\n', '');
    const { code, stderr } = await gateway.kubectl.run(['apply', '-f', '-'], { stdin: text });
    expect([code, stderr]).toEqual([0, expect.stringContaining('Warning: spec.project is missing')]);
    const typo = application('lenient').replace('targetRevision', 'targetRevison');
    const warned = await gateway.kubectl.run(['apply', '--validate=warn', '-f', '-'], { stdin: typo });
    expect([warned.code, warned.stderr]).toEqual([0, expect.stringMatching(/Warning: .*targetRevison.*targetRevision/)]);
  });

  test('an application outside its project is refused with the reason', async () => {
    await apply(PROJECT);
    const inside = application('inside').replace('project: default', 'project: team');
    expect(await apply(inside)).toContain('application.argoproj.io/inside created');
    expect(await refused(inside.replace('namespace: web', 'namespace: other'))).toMatch(/spec\.destination.*team/);
    expect(await refused(inside.replace('git.example.com', 'elsewhere.example.com'))).toMatch(/repo.*team/i);
    expect(await apply(application('orphan').replace('project: default', 'project: nobody'))).toContain('AppProject nobody does not exist');
  });
});
