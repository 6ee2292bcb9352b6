// One POST and one apply per built-in kind: which fields the creator owns shows what the server's structs hold by themselves.

const meta = (name = 'x') => ({ name, labels: { l: '1' } });
const podSpec = { containers: [{ name: 'c', image: 'i' }] };
const template = { metadata: { labels: { a: 'b' } }, spec: podSpec };
const selector = { matchLabels: { a: 'b' } };
const never = { metadata: { labels: { a: 'b' } }, spec: { ...podSpec, restartPolicy: 'Never' } };
const webhook = { name: 'w.x.io', clientConfig: { url: 'https://127.0.0.1/x' }, sideEffects: 'None', admissionReviewVersions: ['v1'], rules: [{ operations: ['CREATE'], apiGroups: ['none.x.io'], apiVersions: ['v1'], resources: ['nones'] }] };

const KINDS = [
  ['v1', 'ConfigMap', { data: { a: 'b' }, binaryData: { c: 'ZA==' } }],
  ['v1', 'Endpoints', { subsets: [{ addresses: [{ ip: '10.0.0.1' }], ports: [{ port: 80 }] }] }],
  ['v1', 'LimitRange', { spec: { limits: [{ type: 'Container', max: { cpu: '1' } }] } }],
  ['v1', 'Namespace', {}, true],
  ['v1', 'Node', { spec: { podCIDR: '10.1.0.0/24' } }, true],
  ['v1', 'PersistentVolume', { spec: { capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'], hostPath: { path: '/x' } } }, true],
  ['v1', 'PersistentVolumeClaim', { spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } } }],
  ['v1', 'Pod', { spec: podSpec }],
  ['v1', 'ReplicationController', { spec: { selector: { a: 'b' }, template } }],
  ['v1', 'ResourceQuota', { spec: { hard: { pods: '1' } } }],
  ['v1', 'Secret', { data: { a: 'Yg==' } }],
  ['v1', 'ServiceAccount', { imagePullSecrets: [{ name: 's' }], automountServiceAccountToken: false }],
  ['v1', 'Event', { involvedObject: { kind: 'Pod', name: 'x', namespace: 'NAMESPACE' }, reason: 'r', message: 'm', type: 'Normal', source: { component: 'c' } }],
  ['admissionregistration.k8s.io/v1', 'MutatingWebhookConfiguration', { webhooks: [webhook] }, true],
  ['admissionregistration.k8s.io/v1', 'ValidatingWebhookConfiguration', { webhooks: [webhook] }, true],
  ['apiregistration.k8s.io/v1', 'APIService', { spec: { group: 'x.none.io', version: 'v1', groupPriorityMinimum: 1, versionPriority: 1, service: { name: 's', namespace: 'n' } } }, true, 'v1.x.none.io'],
  ['apps/v1', 'ControllerRevision', { revision: 1, data: { a: { b: 1 } } }],
  ['apps/v1', 'DaemonSet', { spec: { selector, template } }],
  ['apps/v1', 'Deployment', { spec: { selector, template } }],
  ['apps/v1', 'ReplicaSet', { spec: { selector, template } }],
  ['apps/v1', 'StatefulSet', { spec: { selector, template, serviceName: 's', volumeClaimTemplates: [{ metadata: { name: 'v' }, spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } } }] } }],
  ['autoscaling/v2', 'HorizontalPodAutoscaler', { spec: { maxReplicas: 3, scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'd' }, metrics: [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 50 } } }] } }],
  ['batch/v1', 'CronJob', { spec: { schedule: '* * * * *', jobTemplate: { spec: { template: { spec: never.spec } } } } }],
  ['batch/v1', 'Job', { spec: { template: { spec: never.spec } } }],
  ['coordination.k8s.io/v1', 'Lease', { spec: { holderIdentity: 'h', leaseDurationSeconds: 5 } }],
  ['discovery.k8s.io/v1', 'EndpointSlice', { addressType: 'IPv4', endpoints: [{ addresses: ['10.0.0.1'] }], ports: [{ name: 'p', port: 80 }] }],
  ['networking.k8s.io/v1', 'Ingress', { spec: { rules: [{ host: 'h.x', http: { paths: [{ path: '/', pathType: 'Prefix', backend: { service: { name: 's', port: { number: 80 } } } }] } }] } }],
  ['networking.k8s.io/v1', 'IngressClass', { spec: { controller: 'x.io/c' } }, true],
  ['networking.k8s.io/v1', 'NetworkPolicy', { spec: { podSelector: {}, ingress: [{ ports: [{ port: 80 }] }] } }],
  ['policy/v1', 'PodDisruptionBudget', { spec: { minAvailable: 1, selector } }],
  ['rbac.authorization.k8s.io/v1', 'ClusterRole', { rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }] }, true],
  ['rbac.authorization.k8s.io/v1', 'ClusterRoleBinding', { roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'r' }, subjects: [{ kind: 'User', name: 'u' }] }, true],
  ['rbac.authorization.k8s.io/v1', 'Role', { rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }] }],
  ['rbac.authorization.k8s.io/v1', 'RoleBinding', { roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'r' } }],
  ['scheduling.k8s.io/v1', 'PriorityClass', { value: 5, description: 'd' }, true],
  ['storage.k8s.io/v1', 'StorageClass', { provisioner: 'x.io/p', parameters: { a: 'b' } }, true],
];

// What admission fills in after ownership is decided.
const ALLOCATED = {
  Namespace: ['spec.finalizers'],
  Node: ['spec.taints'],
  Pod: ['spec.tolerations', 'spec.priority', 'spec.preemptionPolicy'],
  PersistentVolume: ['metadata.finalizers'],
  PersistentVolumeClaim: ['metadata.finalizers'],
  Job: ['spec.selector', 'spec.template.metadata'],
};

export function createCases() {
  return KINDS.flatMap(([apiVersion, kind, rest, isClusterWide = false, name]) => {
    const body = (suffix) => ({ apiVersion, kind, metadata: meta(name ?? `${isClusterWide ? `${kind.toLowerCase()}-` : ''}${suffix}`), ...rest });
    const [first, second] = name ? [body(), undefined] : [body('x'), body('y')];
    const label = (made) => ({ apiVersion, kind, metadata: { name: made.metadata.name, labels: { l: '2', m: '3' } } });
    const cases = [{ name: `${kind}: created by POST`, isClusterWide, steps: [{ verb: 'create', manager: 'c', body: first, allocated: ALLOCATED[kind] }, { verb: 'apply', manager: 'a', body: label(first), force: true }] }];
    // The server's own controller writes the status of an APIService between our steps.
    if (kind === 'APIService') cases[0].steps.length = 1;
    if (second) cases.push({ name: `${kind}: created by apply`, isClusterWide, steps: [{ verb: 'apply', manager: 'a', body: second, allocated: ALLOCATED[kind] }, { verb: 'merge', manager: 'm', body: { metadata: { annotations: { n: '1' } } } }, { verb: 'apply', manager: 'a', body: second }] });
    return cases;
  });
}
