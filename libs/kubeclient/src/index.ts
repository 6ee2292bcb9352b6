export { applyManifests } from './apply-manifests.js';
export type { ApiResourceInfo } from './discovery.js';
export { KubeError, KubeUnreachableError } from './kube.errors.js';
export { type ApplyOptions, apiVersionOf, KubeClient, type LiveObject, type WatchEvent } from './kube-client.js';
export { inClusterConfig, type KubeConfig, loadKubeconfig } from './kube-config.js';
export { kubeconfigWithToken, requestToken } from './service-account-access.js';
export { MAX_RESPONSE_BYTES, type RequestOptions } from './transport.js';
