import type { ResourceDocument } from '@flotilla/contracts';
import { InvalidInputError } from '@flotilla/kernel';
import type { ResourceKey } from '../resource-store.js';

/** @throws InvalidInputError when the document names neither kind nor itself */
export function keyOf(document: ResourceDocument): ResourceKey {
  const { kind, metadata } = document;
  if (!kind || !metadata?.name) throw new InvalidInputError('a document needs kind and metadata.name', { kind, name: metadata?.name });
  return { kind, namespace: metadata.namespace ?? '', name: metadata.name };
}

/** One text per key: none of its parts may hold a slash. */
export function keyText({ kind, namespace, name }: ResourceKey): string {
  return `${kind}/${namespace}/${name}`;
}

export function compareKeys(a: ResourceKey, b: ResourceKey): number {
  return compareText(a.kind, b.kind) || compareText(a.namespace, b.namespace) || compareText(a.name, b.name);
}

/** By code units, as PostgreSQL's collation "C" orders the ASCII names that Kubernetes allows. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
