import { admit, describeErrors } from '@flotilla/admission';
import { type Cluster, CONTROL_NAMESPACE, clusterOfSecret, SECRET_TYPE_LABEL, type Secret } from '@flotilla/contracts';
import { InvalidInputError, isObject } from '@flotilla/kernel';
import type { Manifest } from './read-manifests.js';

/**
 * The inventory that manifests describe: our Cluster documents, and what the hub makes of Argo CD's cluster Secrets; other
 * documents are left out. Of several with one name the last one counts, as when they are applied one after the other.
 *
 * @throws InvalidInputError naming file, line and field
 */
export function readClusters(manifests: readonly Manifest[]): Cluster[] {
  const written = manifests.filter(isCluster).map(readCluster);
  const clusters = new Map(written.map((cluster) => [cluster.metadata.name, cluster]));
  const own = new Set(clusters.keys());
  for (const manifest of manifests.filter(isClusterSecret)) {
    const cluster = readSecret(manifest, own);
    clusters.set(cluster.metadata.name, cluster);
  }
  return [...clusters.values()];
}

/** Cluster API has a kind of this name too. */
const isCluster = ({ document: { kind, apiVersion } }: Manifest): boolean =>
  kind === 'Cluster' && (typeof apiVersion !== 'string' || apiVersion.startsWith('flotilla.dev/'));

const metadataOf = ({ document: { metadata } }: Manifest): Record<string, unknown> => (isObject(metadata) ? metadata : {});

const isClusterSecret = (manifest: Manifest): boolean =>
  manifest.document.kind === 'Secret' && textsOf(metadataOf(manifest).labels)[SECRET_TYPE_LABEL] === 'cluster';

function readCluster({ document: raw, file, lineOf }: Manifest): Cluster {
  const { document, errors } = admit(raw);
  if (document) return document as unknown as Cluster;
  const line = lineOf(errors[0]!.field);
  throw new InvalidInputError(`${file}:${line}: Cluster ${describeErrors(errors)}`, { file, line });
}

/** `data` is base64, `stringData` wins over it. A Secret of the name of a cluster it did not make gets another, as in the hub. */
function readSecret(manifest: Manifest, own: ReadonlySet<string>): Cluster {
  const { document, file, line } = manifest;
  const { name, namespace, labels, annotations } = metadataOf(manifest);
  if (typeof name !== 'string') throw new InvalidInputError(`${file}:${line}: a cluster Secret has no metadata.name`, { file, line });
  const values = valuesOf(document);
  if (!values.server) throw new InvalidInputError(`${file}:${line}: the cluster Secret ${name} has no data.server`, { file, line });
  const secret = {
    metadata: {
      name,
      namespace: typeof namespace === 'string' ? namespace : CONTROL_NAMESPACE,
      labels: textsOf(labels),
      annotations: textsOf(annotations),
    },
  } as Secret;
  return clusterOfSecret(secret, { ...values, hasConfig: false }, undefined, own.has(name) ? `secret-${name}` : name);
}

function valuesOf({ data, stringData }: Record<string, unknown>): { name?: string; server?: string; project?: string } {
  const decoded = Object.entries(textsOf(data)).map(([key, text]) => [key, Buffer.from(text, 'base64').toString()] as const);
  const { name, server, project } = { ...Object.fromEntries(decoded), ...textsOf(stringData) };
  return Object.fromEntries(Object.entries({ name, server, project }).flatMap(([key, text]) => (text?.trim() ? [[key, text.trim()]] : [])));
}

function textsOf(value: unknown): Record<string, string> {
  if (!isObject(value)) return {};
  return Object.fromEntries(Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
}
