import { type Cluster, clusterSchema, SECRET_TYPE_LABEL, serverOf } from '@flotilla/contracts';
import type { ClusterEntry } from '@flotilla/generators';
import { InvalidInputError, isObject } from '@flotilla/kernel';
import { type Manifest, readManifests } from './read-manifests.js';

/**
 * The inventory that files describe: Argo CD's cluster Secrets and our Cluster documents; other documents are left out.
 * @throws InvalidInputError naming file, line and field
 */
export function readClusters(path: string): ClusterEntry[] {
  return readManifests(path).flatMap((manifest) => {
    if (manifest.document.kind === 'Cluster') return [entryOfCluster(manifest)];
    return manifest.document.kind === 'Secret' ? entryOfSecret(manifest) : [];
  });
}

function entryOfCluster({ document, file, line }: Manifest): ClusterEntry {
  const read = clusterSchema.safeParse(document);
  if (!read.success) {
    const [issue] = read.error.issues;
    throw new InvalidInputError(`${file}:${line}: Cluster ${issue!.path.join('.')}: ${issue!.message}`, { file, line });
  }
  const cluster = read.data as Cluster;
  const { labels = {}, annotations = {}, name } = cluster.metadata;
  const project = cluster.spec.project ? { project: cluster.spec.project } : {};
  return { name: cluster.spec.name ?? name, server: serverOf(cluster), labels, annotations, ...project };
}

/** `data` is base64, `stringData` wins over it. The type's own label is none of the cluster's, as the hub has it. */
function entryOfSecret({ document, file, line }: Manifest): ClusterEntry[] {
  const metadata = isObject(document.metadata) ? document.metadata : {};
  const { [SECRET_TYPE_LABEL]: type, ...labels } = textsOf(metadata.labels);
  if (type !== 'cluster') return [];
  const data = Object.fromEntries(
    Object.entries(textsOf(document.data)).map(([key, text]) => [key, Buffer.from(text, 'base64').toString()]),
  );
  const { name, server, project } = { ...data, ...textsOf(document.stringData) };
  if (!name || !server) {
    const missing = name ? 'server' : 'name';
    throw new InvalidInputError(`${file}:${line}: the cluster Secret ${String(metadata.name)} has no data.${missing}`, { file, line });
  }
  return [{ name, server, labels, annotations: textsOf(metadata.annotations), ...(project ? { project } : {}) }];
}

function textsOf(value: unknown): Record<string, string> {
  if (!isObject(value)) return {};
  return Object.fromEntries(Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
}
