import type { KubeClient } from './kube-client.js';
import type { KubeConfig } from './kube-config.js';

/** A bound token of a service account by the TokenRequest API; the server may grant less than `expirationSeconds` (at least 600). */
export async function requestToken(
  client: KubeClient,
  { namespace, name }: { namespace: string; name: string },
  expirationSeconds = 3_600,
): Promise<string> {
  const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/serviceaccounts/${encodeURIComponent(name)}/token`;
  const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: { expirationSeconds } };
  const { status } = await client.request<{ status: { token: string } }>('POST', path, { body });
  return status.token;
}

/** A kubeconfig for the same server with a bearer token in the place of its credentials; JSON, which is YAML too. */
export function kubeconfigWithToken({ server, ca }: KubeConfig, token: string): string {
  const authority = ca === undefined ? {} : { 'certificate-authority-data': Buffer.from(ca).toString('base64') };
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'default',
    clusters: [{ name: 'default', cluster: { server, ...authority } }],
    users: [{ name: 'default', user: { token } }],
    contexts: [{ name: 'default', context: { cluster: 'default', user: 'default' } }],
  };
  return `${JSON.stringify(config)}\n`;
}
