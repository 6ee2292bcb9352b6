import { SECRET_TYPE_LABEL, type Secret } from './core.js';
import { type Cluster, LOCAL_SERVER } from './fleet.js';

/** Which Secret made a cluster: `namespace/name`. */
export const SECRET_ANNOTATION = 'flotilla.dev/cluster-secret';
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

export const isClusterSecret = (secret: Pick<Secret, 'metadata'>): boolean => secret.metadata.labels?.[SECRET_TYPE_LABEL] === 'cluster';

/** The values of a cluster Secret that mean something here; `config` is only known to be there. */
export interface ClusterSecretValues {
  name?: string;
  server?: string;
  project?: string;
  hasConfig: boolean;
}

/**
 * The cluster an Argo CD cluster Secret stands for (argo-cd util/db/cluster.go): labels and annotations are the
 * Secret's, `name` is only shown, `server` is what tells clusters apart. What is bound to it already stays.
 */
export function clusterOfSecret(secret: Secret, values: ClusterSecretValues, existing: Cluster | undefined, documentName: string): Cluster {
  const { [SECRET_TYPE_LABEL]: _type, ...labels } = secret.metadata.labels ?? {};
  const { [LAST_APPLIED]: _applied, ...annotations } = secret.metadata.annotations ?? {};
  const isLocal = values.server === LOCAL_SERVER;
  const name = values.name !== undefined && values.name !== documentName ? values.name : undefined;
  return {
    apiVersion: 'flotilla.dev/v1alpha1',
    kind: 'Cluster',
    ...existing,
    metadata: {
      ...existing?.metadata,
      name: documentName,
      labels,
      annotations: { ...annotations, [SECRET_ANNOTATION]: `${secret.metadata.namespace}/${secret.metadata.name}` },
    },
    spec: {
      ...existing?.spec,
      server: isLocal ? undefined : values.server,
      name,
      project: values.project || undefined,
      ...(isLocal ? { local: true } : {}),
    },
  };
}
