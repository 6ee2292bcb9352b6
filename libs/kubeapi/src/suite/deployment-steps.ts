import { get, patch, post, type RequestStep, remove, table } from './request-step.js';

/** A kind with defaults, status, scale and keyed lists, on a server without controllers. */
export function deploymentSteps(namespace: string): RequestStep[] {
  const all = `/apis/apps/v1/namespaces/${namespace}/deployments`;
  const one = `${all}/web`;
  const applied = (image: string, replicas?: number): Record<string, unknown> => deployment('web', { image, replicas });
  return [
    post('create', all, deployment('web', { image: 'nginx:1.27', replicas: 2 })),
    post('create an invalid one', all, {
      ...deployment('bad', { replicas: -1 }),
      spec: {
        replicas: -1,
        selector: { matchLabels: { app: 'bad' } },
        template: { metadata: { labels: { app: 'other' } }, spec: { containers: [{ name: 'main' }] } },
      },
    }),
    post('create with a text for a number', all, { ...deployment('typed', {}), spec: { replicas: 'two' } }),
    post('create with a map for a list', all, { ...deployment('typed', {}), spec: { template: { spec: { containers: {} } } } }),
    patch('apply a text for a number', 'apply', `${one}?fieldManager=applier`, { ...applied('nginx:1.28'), spec: { replicas: 'two' } }),
    patch('change the selector', 'merge', one, { spec: { selector: { matchLabels: { app: 'web', x: 'y' } } } }),
    patch('add a container by name', 'strategic', one, {
      spec: { template: { spec: { containers: [{ name: 'side', image: 'busybox' }] } } },
    }),
    patch('remove a container by name', 'strategic', one, {
      spec: { template: { spec: { containers: [{ name: 'side', $patch: 'delete' }] } } },
    }),
    patch('apply with a conflict', 'apply', `${one}?fieldManager=applier`, applied('nginx:1.28')),
    patch('apply with force', 'apply', `${one}?fieldManager=applier&force=true`, applied('nginx:1.28')),
    patch('apply shared ownership', 'apply', `${one}?fieldManager=second`, applied('nginx:1.28', 2)),
    get('read the scale', `${one}/scale`),
    patch('write the scale', 'merge', `${one}/scale`, { spec: { replicas: 5 } }),
    get('the scale reached the object', one),
    patch('write the status', 'merge', `${one}/status`, { status: { replicas: 5, readyReplicas: 1 }, spec: { replicas: 9 } }),
    patch('status is not written through the object', 'merge', one, { status: { replicas: 7 } }),
    patch('apply the status', 'apply', `${one}/status?fieldManager=reporter`, {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      status: { updatedReplicas: 3 },
    }),
    table('table', all),
    get('list everywhere by label', '/apis/apps/v1/deployments?labelSelector=none%3Dsuch'),
    remove('delete', `${one}?propagationPolicy=Background`),
  ];
}

function deployment(name: string, { image, replicas }: { image?: string; replicas?: number }): Record<string, unknown> {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name },
    spec: {
      ...(replicas === undefined ? {} : { replicas }),
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name } },
        spec: { containers: [{ name: 'main', image, ports: [{ containerPort: 80 }], env: [{ name: 'A', value: '1' }] }] },
      },
    },
  };
}
