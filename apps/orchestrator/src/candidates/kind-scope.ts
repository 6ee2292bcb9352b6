/** Where objects of a kind live. Nobody has said: undefined, never a guess. */
export type Scope = 'Cluster' | 'Namespaced';

export interface GroupKind {
  group: string;
  kind: string;
}

export const kindKey = ({ group, kind }: GroupKind): string => `${group}/${kind}`;

const words = (text: string): readonly string[] => text.split(' ').filter((word) => word !== '');
const kinds = (cluster: string, namespaced: string): Record<Scope, readonly string[]> => ({
  Cluster: words(cluster),
  Namespaced: words(namespaced),
});

/** Kinds of Kubernetes' own API groups, from its discovery (1.29 to 1.36), and those the hub itself serves. */
const BUILT_IN: Readonly<Record<string, Record<Scope, readonly string[]>>> = {
  '': kinds(
    'ComponentStatus Namespace Node PersistentVolume',
    'Binding ConfigMap Endpoints Event LimitRange PersistentVolumeClaim Pod PodTemplate ReplicationController ResourceQuota Secret Service ServiceAccount',
  ),
  'admissionregistration.k8s.io': kinds(
    'MutatingAdmissionPolicy MutatingAdmissionPolicyBinding MutatingWebhookConfiguration ValidatingAdmissionPolicy ValidatingAdmissionPolicyBinding ValidatingWebhookConfiguration',
    '',
  ),
  'apiextensions.k8s.io': kinds('CustomResourceDefinition', ''),
  'apiregistration.k8s.io': kinds('APIService', ''),
  apps: kinds('', 'ControllerRevision DaemonSet Deployment ReplicaSet StatefulSet'),
  'argoproj.io': kinds('', 'AppProject Application ApplicationSet'),
  'authentication.k8s.io': kinds('SelfSubjectReview TokenReview', ''),
  'authorization.k8s.io': kinds('SelfSubjectAccessReview SelfSubjectRulesReview SubjectAccessReview', 'LocalSubjectAccessReview'),
  autoscaling: kinds('', 'HorizontalPodAutoscaler'),
  batch: kinds('', 'CronJob Job'),
  // Those of External Secrets Operator and Sealed Secrets: the broker reads them where no cluster serves them.
  'bitnami.com': kinds('', 'SealedSecret'),
  'certificates.k8s.io': kinds('CertificateSigningRequest ClusterTrustBundle', 'PodCertificateRequest'),
  'coordination.k8s.io': kinds('', 'Lease LeaseCandidate'),
  'discovery.k8s.io': kinds('', 'EndpointSlice'),
  'events.k8s.io': kinds('', 'Event'),
  'external-secrets.io': kinds('ClusterExternalSecret ClusterPushSecret ClusterSecretStore', 'ExternalSecret PushSecret SecretStore'),
  extensions: kinds('PodSecurityPolicy', 'DaemonSet Deployment Ingress NetworkPolicy ReplicaSet'),
  'flowcontrol.apiserver.k8s.io': kinds('FlowSchema PriorityLevelConfiguration', ''),
  'internal.apiserver.k8s.io': kinds('StorageVersion', ''),
  'networking.k8s.io': kinds('IPAddress IngressClass ServiceCIDR', 'Ingress NetworkPolicy'),
  'node.k8s.io': kinds('RuntimeClass', ''),
  policy: kinds('PodSecurityPolicy', 'PodDisruptionBudget'),
  'rbac.authorization.k8s.io': kinds('ClusterRole ClusterRoleBinding', 'Role RoleBinding'),
  'resource.k8s.io': kinds('DeviceClass DeviceTaintRule ResourceSlice', 'ResourceClaim ResourceClaimTemplate'),
  'scheduling.k8s.io': kinds('PriorityClass', ''),
  'storage.k8s.io': kinds('CSIDriver CSINode StorageClass VolumeAttachment VolumeAttributesClass', 'CSIStorageCapacity'),
  'storagemigration.k8s.io': kinds('StorageVersionMigration', ''),
};

/** Undefined for a kind that only a cluster or a CustomResourceDefinition can tell of. */
export function builtInScope({ group, kind }: GroupKind): Scope | undefined {
  const known = BUILT_IN[group];
  if (known?.Cluster.includes(kind)) return 'Cluster';
  return known?.Namespaced.includes(kind) ? 'Namespaced' : undefined;
}

/** Sources that contradict each other say nothing. */
export function agreedScope(claims: Iterable<Scope>): Scope | undefined {
  const distinct = new Set(claims);
  return distinct.size === 1 ? [...distinct][0] : undefined;
}

/**
 * What the cluster's agent said about a kind when it connected: it lists every kind it serves, and those without namespaces by
 * `group/Kind`. A kind it did not list, and an agent that lists no scopes, say nothing.
 */
export function reportedScope(
  facts: { apiVersions?: readonly string[]; clusterKinds?: readonly string[] } | undefined,
  { group, kind }: GroupKind,
): Scope | undefined {
  if (!facts?.clusterKinds) return undefined;
  if (facts.clusterKinds.includes(kindKey({ group, kind }))) return 'Cluster';
  const isServed = facts.apiVersions?.some((text) => {
    const parts = text.split('/');
    return parts.length === 3 && parts[0] === group && parts[2] === kind;
  });
  return isServed ? 'Namespaced' : undefined;
}
