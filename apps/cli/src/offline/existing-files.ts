import type { ApplicationSet, ResourceDocument } from '@flotilla/contracts';
import { InvalidInputError, isObject } from '@flotilla/kernel';
import { type Manifest, readManifests } from './read-manifests.js';

/** The uid of a set that no file names, so that two such sets are not one owner; it is never written anywhere. */
const offlineUid = (name: string): string => `offline-${name}`;

/**
 * The Applications of files as kubectl and argocd write them: documents, a `List` of them, or a JSON list. Other documents are left
 * out.
 *
 * @throws InvalidInputError naming file and line
 */
export function readExisting(paths: readonly string[]): ResourceDocument[] {
  return paths.flatMap((path) => readManifests(path, { lists: true })).flatMap(applicationsOf);
}

function applicationsOf({ document, file, line }: Manifest): ResourceDocument[] {
  const items = Array.isArray(document.items) ? document.items : [document];
  return items
    .filter(isObject)
    .filter(isApplication)
    .map((item) => {
      const metadata = isObject(item.metadata) ? item.metadata : {};
      if (typeof metadata.name !== 'string')
        throw new InvalidInputError(`${file}:${line}: an Application has no metadata.name`, { file, line });
      return { ...item, apiVersion: 'argoproj.io/v1alpha1', kind: 'Application', metadata, spec: item.spec } as unknown as ResourceDocument;
    });
}

/** The argocd command leaves kind and apiVersion out of lists. */
function isApplication(item: Record<string, unknown>): boolean {
  if (item.kind !== undefined) return item.kind === 'Application';
  return isObject(item.spec) && isObject(item.spec.destination);
}

/** What a plan compares a set with: the applications of its namespace, and the set with the uid they know it by. */
export function existingOf(
  set: ApplicationSet,
  all: readonly ResourceDocument[],
): { set: ApplicationSet; existing: Map<string, ResourceDocument> } {
  const { name, namespace } = set.metadata;
  const mine = all.filter(({ metadata }) => (metadata.namespace ?? namespace) === namespace);
  const isOwner = ({ kind, name: owner }: { kind: string; name: string }): boolean => kind === 'ApplicationSet' && owner === name;
  const found = mine.flatMap(({ metadata }) => metadata.ownerReferences ?? []).find(isOwner)?.uid;
  const uid = set.metadata.uid ?? found ?? offlineUid(name);
  const existing = mine.map((document): ResourceDocument => {
    const ownerReferences = document.metadata.ownerReferences?.map((owner) =>
      isOwner(owner) ? { ...owner, uid, controller: true } : owner,
    );
    return { ...document, metadata: { ...document.metadata, ...(ownerReferences ? { ownerReferences } : {}) } };
  });
  return {
    set: { ...set, metadata: { ...set.metadata, uid } },
    existing: new Map(existing.map((document) => [document.metadata.name, document])),
  };
}
