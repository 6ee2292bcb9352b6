import { apiVersionFrom, healthOf, type KubeObject, parseObjectKey, refOf, versionOf } from '@flotilla/kube';
import type { AppRecord } from '../plan/app-record.js';
import type { SpokeContext } from '../sync/spoke-context.js';

/** One object of an application's tree; parents are uids. */
export interface TreeNode {
  group: string;
  version: string;
  kind: string;
  namespace: string;
  name: string;
  uid: string;
  parents: string[];
  health?: { status: string; message?: string };
  createdAt?: string;
}

/** What controllers make of our objects; deeper levels are found through these. */
const CHILD_KINDS: [apiVersion: string, kind: string][] = [
  ['apps/v1', 'ReplicaSet'],
  ['v1', 'Pod'],
  ['batch/v1', 'Job'],
  ['v1', 'PersistentVolumeClaim'],
  ['discovery.k8s.io/v1', 'EndpointSlice'],
];
const MAX_NODES = 2_000;

/** The live objects of an application and what hangs below them by owner references. */
export async function readTree(context: SpokeContext, record: AppRecord): Promise<{ nodes: TreeNode[] }> {
  const roots = await Promise.all(
    [...record.objects].slice(0, MAX_NODES).map(([key, { version }]) => context.limit(() => readRoot(context, key, version))),
  );
  const nodes = roots.flatMap((root) => (root ? [nodeOf(root)] : []));
  const namespaces = new Set(nodes.map(({ namespace }) => namespace).filter((namespace) => namespace !== ''));
  const children = await Promise.all(
    [...namespaces].flatMap((namespace) => CHILD_KINDS.map((kind) => readChildren(context, namespace, kind))),
  );
  const known = new Set(nodes.map(({ uid }) => uid));
  let pending = children.flat().filter(({ uid }) => !known.has(uid));
  for (let found = true; found && nodes.length < MAX_NODES; ) {
    const next = pending.filter(({ parents }) => parents.some((parent) => known.has(parent)));
    pending = pending.filter((node) => !next.includes(node));
    found = next.length > 0;
    for (const node of next.slice(0, MAX_NODES - nodes.length)) {
      known.add(node.uid);
      nodes.push(node);
    }
  }
  return { nodes };
}

async function readRoot(context: SpokeContext, key: string, version: string): Promise<KubeObject | undefined> {
  const ref = parseObjectKey(key);
  const info = ref && (await context.client.resourceFor(apiVersionFrom(ref.group, version), ref.kind));
  return ref && info
    ? ((await context.client.get(context.client.pathFor(info, ref.namespace, ref.name))) as KubeObject | undefined)
    : undefined;
}

async function readChildren(context: SpokeContext, namespace: string, [apiVersion, kind]: [string, string]): Promise<TreeNode[]> {
  const info = await context.client.resourceFor(apiVersion, kind);
  if (!info) return [];
  const { items } = await context.limit(() => context.client.list(context.client.pathFor(info, namespace)));
  return (items as KubeObject[]).map(nodeOf);
}

function nodeOf(object: KubeObject): TreeNode {
  const { creationTimestamp } = object.metadata;
  return {
    ...refOf(object),
    version: versionOf(object.apiVersion),
    uid: object.metadata.uid ?? '',
    parents: (object.metadata.ownerReferences ?? []).map(({ uid }) => uid),
    health: healthOf(object),
    ...(typeof creationTimestamp === 'string' ? { createdAt: creationTimestamp } : {}),
  };
}
