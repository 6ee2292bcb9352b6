import type { ApplicationSet, Cluster, ResourceDocument } from '@flotilla/contracts';
import { type ClusterEntry, type GeneratedApplication, setInputs } from '@flotilla/generators';
import { FlotillaError, jsonEqual } from '@flotilla/kernel';
import type { ResourceTransaction } from '@flotilla/resources';
import { controllerOf, entryOf, isInInventory, planApplications } from '@flotilla/setplan';
import { type InputSources, readPartialInputs, type SetInputDocuments } from '../inputs/read-inputs.js';
import type { Moved } from './cluster-moves.js';
import { refuseApplication } from './refuse-application.js';
import { type SetMemory, type Settled, setKey } from './set-memory.js';
import type { StoredSet } from './stored-set.js';

/** What moved clusters make of a set: applications to be written, nothing to be deleted. */
export interface FollowedClusters {
  inputs: SetInputDocuments;
  /** The moved clusters that there are, by document name. */
  entries: ReadonlyMap<string, ClusterEntry>;
  generated: readonly GeneratedApplication[];
}

/**
 * The applications that moved clusters stand for now, compared with those they stood for, so that one label of one cluster costs
 * as much as that cluster has applications. Undefined when only a whole expansion can tell: something is to be deleted, held or
 * remarked on, another input moved as well, or the set was not at rest before.
 *
 * Errors are left to the whole expansion too, which puts them into words.
 */
export async function followClusters(
  set: StoredSet,
  moved: Moved,
  memory: SetMemory,
  sources: InputSources,
): Promise<FollowedClusters | undefined> {
  const place = setKey(set.metadata.namespace ?? '', set.metadata.name);
  const settled = memory.settled(place);
  if (!settled?.shares || settled.generation !== set.metadata.generation || !isAtRest(set)) return undefined;
  const inputs = await readPartialInputs(set, moved.keys(), sources);
  const entries = entriesOf(inputs.clusters);
  try {
    const generated: GeneratedApplication[] = [];
    const gone = new Set<string>();
    for (const [name, before] of moved) {
      const change = await shareChange(settled.shares, before, entries.get(name), inputs);
      if (!change || (change.gone.length === 0 && hasWarnings(set))) return undefined;
      if (change.gone.some(({ name: old, digest }) => memory.generatedDigest(place, old) !== digest)) return undefined;
      for (const { name: old } of change.gone) gone.add(old);
      generated.push(...change.come);
    }
    const come = new Set(generated.map(({ name }) => name));
    const isTaken = (name: string): boolean => !gone.has(name) && memory.generatedDigest(place, name) !== undefined;
    const isPlain = come.size === generated.length && ![...come].some(isTaken) && [...gone].every((name) => come.has(name));
    return isPlain && atSameCommits(inputs, settled) ? { inputs, entries, generated } : undefined;
  } catch (error) {
    if (error instanceof FlotillaError) return undefined;
    throw error;
  }
}

/**
 * Writes what was followed, under the set's row. @returns the agreed applications and how many are new; undefined when it is not as
 * simple as it seemed, and nothing was written then
 */
export async function writeFollowed(
  tx: ResourceTransaction,
  set: StoredSet,
  { inputs, entries, generated }: FollowedClusters,
  memory: SetMemory,
): Promise<{ agreed: { generated: GeneratedApplication; stored: ResourceDocument }[]; created: number } | undefined> {
  const namespace = set.metadata.namespace ?? '';
  const clusters = await Promise.all(
    inputs.clusters.map(({ metadata: { name } }) => tx.get<Cluster & ResourceDocument>({ kind: 'Cluster', namespace: '', name })),
  );
  // Another copy may have followed a newer state of them while this one waited for the row.
  if (!jsonEqual([...entriesOf(clusters.filter((cluster) => cluster !== undefined))], [...entries])) return undefined;
  const found = await Promise.all(generated.map(({ name }) => tx.get<ResourceDocument>({ kind: 'Application', namespace, name })));
  const stored = found.filter((document) => document !== undefined);
  if (stored.some((document) => controllerOf(document)?.uid !== set.metadata.uid)) return undefined;
  const existing = new Map(stored.map((document) => [document.metadata.name, document]));
  const plan = planApplications({
    set,
    expansion: { applications: generated, held: [], warnings: [] },
    existing,
    released: [],
    refuse: (document, previous) => refuseApplication(document, previous, inputs),
    isKnownEqual: (one, document) => memory.isKnownEqual(setKey(namespace, set.metadata.name), one, document),
  });
  if (plan.refused.length > 0 || plan.waiting.length > 0) return undefined;
  for (const document of plan.create) existing.set(document.metadata.name, await tx.create(document));
  for (const document of plan.update) existing.set(document.metadata.name, await tx.update(document));
  const agreed = generated.filter(({ name }) => existing.has(name)).map((one) => ({ generated: one, stored: existing.get(one.name)! }));
  return { agreed, created: plan.create.length };
}

async function shareChange(
  shares: NonNullable<Settled['shares']>,
  before: ClusterEntry | undefined,
  after: ClusterEntry | undefined,
  { ports }: SetInputDocuments,
): Promise<Record<'gone' | 'come', readonly GeneratedApplication[]> | undefined> {
  const gone = before ? await shares.of(before, ports) : [];
  const come = after ? await shares.of(after, ports) : [];
  return gone && come ? { gone, come } : undefined;
}

/** Sets that are asked again by time, and those with deletions on their way, are looked at whole. */
function isAtRest(set: ApplicationSet & Pick<StoredSet, 'status'>): boolean {
  const { heldDeletions = [], pendingDeletions = [] } = set.status ?? {};
  return heldDeletions.length === 0 && pendingDeletions.length === 0 && setInputs(set.spec).requeueMs === undefined;
}

/** A remark such as "no cluster has this label" may end with the first cluster that has it. */
function hasWarnings({ status }: StoredSet): boolean {
  return (status?.conditions ?? []).some(({ type }) => type === 'Warning');
}

function entriesOf(clusters: readonly Cluster[]): Map<string, ClusterEntry> {
  return new Map(clusters.filter(isInInventory).map((cluster) => [cluster.metadata.name, entryOf(cluster)]));
}

function atSameCommits({ commits }: SetInputDocuments, settled: Settled): boolean {
  return [...commits].every(([source, commit]) => (settled.commits.get(source) ?? commit) === commit);
}
