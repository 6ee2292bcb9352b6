import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { InvalidInputError, isObject } from '@flotilla/kernel';
import { parseYaml } from '@flotilla/yaml';

/** How to reach one API server. Certificates and keys are PEM text. */
export interface KubeConfig {
  server: string;
  ca?: string;
  clientCertificate?: string;
  clientKey?: string;
  token?: string;
  /** Read anew for each connection, as bound service-account tokens rotate. */
  tokenFile?: string;
  namespace: string;
}

const SERVICE_ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';

/**
 * Reads a kubeconfig file. Plugins (`exec`, `auth-provider`) and `insecure-skip-tls-verify` are refused.
 * @throws InvalidInputError naming the file and the context
 */
export function loadKubeconfig(path: string, contextName?: string): KubeConfig {
  const [document] = parseYaml(readFileSync(path, 'utf8'), { file: path });
  const fail = (cause: string): never => {
    throw new InvalidInputError(`kubeconfig ${path}: ${cause}`);
  };
  if (!isObject(document)) return fail('not a kubeconfig document');
  const wanted = contextName ?? String(document['current-context'] ?? '');
  const context = named(document.contexts, wanted, 'context') ?? fail(`no context ${JSON.stringify(wanted)}`);
  const cluster = named(document.clusters, String(context.cluster), 'cluster') ?? fail(`no cluster ${JSON.stringify(context.cluster)}`);
  const user = named(document.users, String(context.user), 'user') ?? {};
  if (cluster['insecure-skip-tls-verify'] === true) fail('insecure-skip-tls-verify is not supported; set certificate-authority');
  if (user.exec || user['auth-provider']) fail('credential plugins are not supported; use a token or a client certificate');
  const pem = (object: Record<string, unknown>, field: string): string | undefined => {
    const inline = object[`${field}-data`];
    if (typeof inline === 'string') return Buffer.from(inline, 'base64').toString('utf8');
    const file = object[field];
    return typeof file === 'string' ? readFileSync(resolve(dirname(path), file), 'utf8') : undefined;
  };
  return {
    server: String(cluster.server ?? fail('the cluster has no server')),
    ca: pem(cluster, 'certificate-authority'),
    clientCertificate: pem(user, 'client-certificate'),
    clientKey: pem(user, 'client-key'),
    token: typeof user.token === 'string' ? user.token : undefined,
    tokenFile: typeof user.tokenFile === 'string' ? resolve(dirname(path), user.tokenFile) : undefined,
    namespace: typeof context.namespace === 'string' ? context.namespace : 'default',
  };
}

function named(list: unknown, name: string, field: string): Record<string, unknown> | undefined {
  if (!Array.isArray(list)) return undefined;
  const entry = list.find((item) => isObject(item) && item.name === name);
  const value = isObject(entry) ? entry[field] : undefined;
  return isObject(value) ? value : undefined;
}

/** The configuration of a pod's own service account. */
export function inClusterConfig(env: { KUBERNETES_SERVICE_HOST?: string; KUBERNETES_SERVICE_PORT?: string }): KubeConfig {
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port } = env;
  if (!host || !port) throw new InvalidInputError('not in a cluster: KUBERNETES_SERVICE_HOST and _PORT are not set; name a kubeconfig');
  return {
    server: `https://${host.includes(':') ? `[${host}]` : host}:${port}`,
    ca: readFileSync(`${SERVICE_ACCOUNT}/ca.crt`, 'utf8'),
    tokenFile: `${SERVICE_ACCOUNT}/token`,
    namespace: readFileSync(`${SERVICE_ACCOUNT}/namespace`, 'utf8').trim(),
  };
}
