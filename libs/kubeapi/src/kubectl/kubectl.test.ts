import { createAuthority, issueServerCertificate } from '@flotilla/tls';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type MemoryApi, startMemoryApi } from '../memory-api.js';
import { KubectlRunner } from './kubectl-runner.js';

const TOKEN = 'kubectl-test';
const DEPLOYMENT = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  labels: {app: web}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - {name: main, image: "nginx:1.27"}
`;
const CRD = `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.demo.dev}
spec:
  group: demo.dev
  scope: Namespaced
  names: {plural: widgets, singular: widget, kind: Widget, shortNames: [wg]}
  versions:
  - name: v1
    served: true
    storage: true
    additionalPrinterColumns: [{name: Size, type: integer, jsonPath: .spec.size}]
    schema:
      openAPIV3Schema:
        type: object
        properties:
          spec: {type: object, properties: {size: {type: integer, description: How big it is.}}}
`;

describe('an unmodified kubectl', () => {
  let api: MemoryApi;
  let kubectl: KubectlRunner;

  beforeAll(async () => {
    const authority = await createAuthority('kubeapi test', Date.now());
    const tls = await issueServerCertificate(authority, ['127.0.0.1'], Date.now());
    api = await startMemoryApi({ tls, token: TOKEN });
    kubectl = new KubectlRunner({ url: api.url, ca: authority.certificate, token: TOKEN });
  });
  afterAll(async () => {
    kubectl.remove();
    await api.close();
  });

  const settings = (name: string, color: string): string =>
    `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}}\ndata: {color: ${color}}\n`;
  const apply = (stdin: string, ...flags: string[]): Promise<string> => kubectl.ok(['apply', '-f', '-', ...flags], { stdin });

  test('lists what the server has', async () => {
    const output = await kubectl.ok(['api-resources']);
    expect(output).toMatch(/configmaps +cm +v1 +true +ConfigMap/);
    expect(output).toMatch(/deployments +deploy +apps\/v1 +true +Deployment/);
    expect(await kubectl.ok(['api-versions'])).toContain('apps/v1');
    expect(await kubectl.ok(['version'])).toContain('Server Version: v1.36.3');
  });

  test('applies on the client side: created, configured, unchanged', async () => {
    expect(await apply(settings('client', 'red'))).toContain('configmap/client created');
    expect(await apply(settings('client', 'blue'))).toContain('configmap/client configured');
    expect(await apply(settings('client', 'blue'))).toContain('configmap/client unchanged');
  });

  test('applies a List of objects, on either side', async () => {
    const items = ['one', 'two'].map((name) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: {} }));
    const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
    expect(await apply(list, '--server-side')).toMatch(/configmap\/one serverside-applied\nconfigmap\/two serverside-applied/);
    expect(await apply(list)).toMatch(/configmap\/one (configured|unchanged)/);
  });

  test('applies on the server side and is told of conflicts', async () => {
    expect(await apply(settings('server', 'red'), '--server-side')).toContain('serverside-applied');
    const other = await kubectl.run(['apply', '--server-side', '--field-manager=other', '-f', '-'], { stdin: settings('server', 'blue') });
    expect(other.code).toBe(1);
    expect(other.stderr).toContain('conflict with "kubectl": .data.color');
    expect(await apply(settings('server', 'blue'), '--server-side', '--field-manager=other', '--force-conflicts')).toContain(
      'serverside-applied',
    );
  });

  test('refuses unknown fields before anything is stored', async () => {
    const { code, stderr } = await kubectl.run(['apply', '-f', '-'], { stdin: `${settings('typo', 'red')}dota: {a: b}\n` });
    expect(code).toBe(1);
    expect(stderr).toContain('strict decoding error: unknown field "dota"');
    expect((await kubectl.run(['get', 'cm', 'typo'])).stderr).toContain('configmaps "typo" not found');
  });

  test('gets tables, wide tables and every other output', async () => {
    await apply(DEPLOYMENT);
    expect(await kubectl.ok(['get', 'deploy', 'web'])).toMatch(/NAME +READY +UP-TO-DATE +AVAILABLE +AGE\nweb +0\/2 +0 +0 +\d+s/);
    expect(await kubectl.ok(['get', 'deploy', '-o', 'wide'])).toMatch(/CONTAINERS +IMAGES +SELECTOR\nweb.*main +nginx:1.27 +app=web/);
    expect(await kubectl.ok(['get', 'deploy', '-A', '-l', 'app=web', '-o', 'name'])).toBe('deployment.apps/web\n');
    expect(await kubectl.ok(['get', 'deploy', 'web', '-o', 'jsonpath={.spec.replicas}'])).toBe('2');
    expect(await kubectl.ok(['describe', 'cm', 'client'])).toContain('color:\n----\nblue');
    expect(await kubectl.ok(['get', 'all'])).toContain('deployment.apps/web');
  });

  test('explains kinds, fields and custom kinds', async () => {
    expect(await kubectl.ok(['explain', 'deployment.spec.replicas'])).toContain('Number of desired pods');
    await apply(CRD);
    await kubectl.ok(['wait', '--for=condition=Established', 'crd/widgets.demo.dev', '--timeout=10s']);
    expect(await kubectl.ok(['explain', 'widget.spec'])).toContain('How big it is.');
    await apply('apiVersion: demo.dev/v1\nkind: Widget\nmetadata: {name: gear}\nspec: {size: 3}\n');
    expect(await kubectl.ok(['get', 'wg'])).toMatch(/NAME +SIZE\ngear +3/);
  });

  test('watches changes as they come', async () => {
    const watching = kubectl.run(['get', 'cm', '-w', '--field-selector=metadata.name=watched', '--request-timeout=3s']);
    await expect.poll(() => api.server.watchers, { timeout: 10_000 }).toBeGreaterThan(0);
    await apply(settings('watched', 'red'));
    const { stdout } = await watching;
    expect(stdout).toMatch(/NAME +DATA +AGE\nwatched +1/);
  });

  test('edits with an editor of its own', async () => {
    const editor = kubectl.write('editor.sh', '#!/bin/sh\nsed -i "s/color: blue/color: green/" "$1"\n', 0o700);
    expect(await kubectl.ok(['edit', 'cm', 'client'], { env: { KUBE_EDITOR: editor } })).toContain('configmap/client edited');
    expect(await kubectl.ok(['get', 'cm', 'client', '-o', 'jsonpath={.data.color}'])).toBe('green');
  });

  test('patches, labels, annotates, scales and sets images', async () => {
    expect(await kubectl.ok(['patch', 'cm', 'client', '--type=merge', '-p', '{"data":{"a":"1"}}'])).toContain('patched');
    expect(await kubectl.ok(['patch', 'cm', 'client', '--type=json', '-p', '[{"op":"remove","path":"/data/a"}]'])).toContain('patched');
    expect(await kubectl.ok(['patch', 'deploy', 'web', '-p', '{"metadata":{"labels":{"b":"c"}}}'])).toContain('patched');
    expect(await kubectl.ok(['label', 'cm', 'client', 'tier=front'])).toContain('labeled');
    expect(await kubectl.ok(['annotate', 'cm', 'client', 'note=x'])).toContain('annotated');
    expect(await kubectl.ok(['scale', 'deploy/web', '--replicas=5'])).toContain('scaled');
    expect(await kubectl.ok(['set', 'image', 'deploy/web', 'main=nginx:1.28'])).toContain('image updated');
    expect(await kubectl.ok(['get', 'deploy', 'web', '-o', 'jsonpath={.spec.replicas} {.spec.template.spec.containers[0].image}'])).toBe(
      '5 nginx:1.28',
    );
  });

  test('shows a diff without storing anything', async () => {
    const { code, stdout } = await kubectl.run(['diff', '-f', '-'], { stdin: settings('client', 'black') });
    expect(code).toBe(1);
    expect(stdout).toContain('+  color: black');
    expect(
      (await kubectl.run(['diff', '--server-side', '--force-conflicts', '-f', '-'], { stdin: settings('client', 'black') })).stdout,
    ).toContain('+  color: black');
    expect(await kubectl.ok(['get', 'cm', 'client', '-o', 'jsonpath={.data.color}'])).toBe('green');
  });

  test('makes dry runs on the server', async () => {
    expect(await kubectl.ok(['create', 'cm', 'dry', '--dry-run=server'])).toContain('created (server dry run)');
    expect((await kubectl.run(['get', 'cm', 'dry'])).code).toBe(1);
    expect(await kubectl.ok(['create', 'ns', 'team'])).toContain('namespace/team created');
    expect((await kubectl.run(['create', 'cm', 'x', '-n', 'nowhere'])).stderr).toContain('namespaces "nowhere" not found');
  });

  test('waits for a condition and for a deletion, and deletes', async () => {
    await kubectl.ok([
      'patch',
      'deploy',
      'web',
      '--subresource=status',
      '--type=merge',
      '-p',
      '{"status":{"conditions":[{"type":"Available","status":"True"}]}}',
    ]);
    expect(await kubectl.ok(['wait', '--for=condition=Available', 'deploy/web', '--timeout=10s'])).toContain('condition met');
    const waiting = kubectl.ok(['wait', '--for=delete', 'cm/server', '--timeout=10s']);
    expect(await kubectl.ok(['delete', 'cm', 'server', 'client'])).toContain('configmap "server" deleted');
    await waiting;
    expect(await kubectl.ok(['delete', '-f', '-'], { stdin: DEPLOYMENT })).toContain('deployment.apps "web" deleted');
  });

  test('creates by generator, in protobuf, every kind alike', async () => {
    const specs = [
      ['cm', 'made', '--from-literal=a=b'],
      ['secret', 'generic', 'made', '--from-literal=p=w'],
      ['sa', 'made'],
      ['deployment', 'made', '--image=nginx:1.27', '--replicas=0', '--port=80'],
      ['job', 'made', '--image=busybox', '--', 'echo', 'hi'],
      ['cronjob', 'made', '--image=busybox', '--schedule=* * * * *'],
      ['service', 'clusterip', 'made', '--tcp=80:8080'],
      ['ingress', 'made', '--rule=host/path=made:80'],
      ['role', 'made', '--verb=get', '--resource=pods'],
      ['rolebinding', 'made', '--role=made', '--user=someone'],
      ['quota', 'made', '--hard=cpu=1'],
      ['pdb', 'made', '--selector=a=b', '--min-available=50%'],
      ['priorityclass', 'made', '--value=10'],
    ];
    for (const spec of specs) expect(await kubectl.ok(['create', ...spec])).toContain('made created');
    const field = (kind: string, path: string): Promise<string> => kubectl.ok(['get', kind, 'made', '-o', `jsonpath=${path}`]);
    expect(await field('deploy', '{.spec.replicas} {.spec.template.spec.containers[0].ports[0].containerPort}')).toBe('0 80');
    expect(await field('secret', '{.data.p}')).toBe('dw==');
    expect(await field('svc', '{.spec.ports[0].targetPort}')).toBe('8080');
    expect(await field('pdb', '{.spec.minAvailable}')).toBe('50%');
    expect(await field('job', '{.spec.template.spec.restartPolicy} {.spec.template.spec.containers[0].command}')).toBe(
      'Never ["echo","hi"]',
    );
  });

  test('asks what it may do and who it is', async () => {
    expect(await kubectl.ok(['auth', 'can-i', 'delete', 'pods'])).toContain('yes');
    expect(await kubectl.ok(['auth', 'can-i', '--list'])).toContain('*.*');
    expect(await kubectl.ok(['auth', 'whoami'])).toContain('admin');
  });
});
