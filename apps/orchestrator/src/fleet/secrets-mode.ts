/** Who turns ExternalSecrets and SealedSecrets into Secrets: the hub's broker, or controllers of the cluster itself. */
export type SecretsMode = 'broker' | 'cluster';

/** Kinds whose controllers a cluster that serves them is taken to run. */
const SERVED = [/^external-secrets\.io\/[^/]+\/ExternalSecret$/, /^bitnami\.com\/v1alpha1\/SealedSecret$/];

/**
 * The mode of a cluster: what its document says, else `cluster` where it serves the kinds of External Secrets Operator or Sealed
 * Secrets, else `broker`. One mode for both. While nobody has reported what the cluster serves it is `cluster`: objects of kinds
 * that are not served wait there and harm nothing, whereas `broker` would take them out of a cluster that runs their controllers,
 * and the Secrets made from them would go with them.
 */
export function secretsModeOf(cluster: { secrets?: SecretsMode; apiVersions?: readonly string[] } | undefined): SecretsMode {
  if (cluster?.secrets) return cluster.secrets;
  if (!cluster?.apiVersions) return 'cluster';
  return cluster.apiVersions.some((text) => SERVED.some((served) => served.test(text))) ? 'cluster' : 'broker';
}
