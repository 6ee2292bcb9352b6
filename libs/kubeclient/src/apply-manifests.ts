import { InvalidInputError, isObject } from '@flotilla/kernel';
import type { ApplyOptions, KubeClient, LiveObject } from './kube-client.js';

/**
 * Applies documents in their order by server-side apply; one of a kind the cluster does not serve is an error, and so is the first
 * that is refused.
 * @throws InvalidInputError naming the document, KubeError
 */
export async function applyManifests(client: KubeClient, documents: readonly unknown[], options: ApplyOptions): Promise<LiveObject[]> {
  const applied: LiveObject[] = [];
  for (const document of documents) applied.push(await client.apply(await pathOf(client, document), document, options));
  return applied;
}

async function pathOf(client: KubeClient, document: unknown): Promise<string> {
  const { apiVersion, kind, metadata } = isObject(document) ? document : {};
  const { name, namespace } = isObject(metadata) ? metadata : {};
  if (typeof apiVersion !== 'string' || typeof kind !== 'string' || typeof name !== 'string')
    throw new InvalidInputError('a manifest needs apiVersion, kind and metadata.name');
  const info = await client.resourceFor(apiVersion, kind);
  if (!info) throw new InvalidInputError(`${kind} ${name}: the cluster does not serve ${apiVersion} ${kind}`);
  return client.pathFor(info, typeof namespace === 'string' ? namespace : 'default', name);
}
