import type { ExplainReply, GenerateRequest, ResourceDocument } from '@flotilla/contracts';
import { type Expansion, expandSet } from '@flotilla/generators';
import {
  type ApplicationPlan,
  deletionExplainer,
  describePlan,
  ownedNames,
  type PlannedSet,
  planApplications,
  planDocuments,
  releasedDeletions,
} from '@flotilla/setplan';
import { readGuard } from '../guard/read-guard.js';
import { DEFAULT_REVISION } from '../inputs/git-inputs.js';
import { listAll } from '../inputs/list-documents.js';
import { readInputs, type SetInputDocuments } from '../inputs/read-inputs.js';
import { type GeneratePorts, readSet } from '../sets/generate-set.js';
import { refuseApplication } from '../sets/refuse-application.js';
import { planSetRemoval } from '../sets/remove-set.js';
import type { StoredSet } from '../sets/stored-set.js';
import { putAnswer } from './put-answer.js';

/**
 * What the next reconcile of a stored set, or the first one of a given document, would do to its applications. A document with
 * the name of a stored set stands for an edit of it.
 *
 * @throws NotFoundError, InvalidInputError for a set that is refused, and every error of an expansion
 */
export async function planSet(ports: GeneratePorts, request: GenerateRequest): Promise<ExplainReply> {
  const read = await readSet(ports.store, request);
  const set = 'document' in request ? await asEdit(ports, read.set) : read.set;
  const existing = await applicationsBeside(ports, set);
  const now = ports.clock.now();
  if (set.metadata.deletionTimestamp) return putAnswer(ports.blobs, await planDeletion(ports, set, existing, now));
  const inputs = await readInputs(set, ports);
  const expansion = await expandSet(set, inputs.ports);
  const owned = ownedNames(existing, set).map((name) => existing.get(name)!);
  const { guard, warnings } = await readGuard(ports.store, { set, owned, ...inputs, now });
  const refuse: Parameters<typeof planApplications>[0]['refuse'] = (document, previous) => refuseApplication(document, previous, inputs);
  const plan = planApplications({ set, expansion, existing, released: releasedDeletions(set), guard, refuse });
  const explain = await explainer(set, inputs, expansion);
  const report = describePlan({
    set,
    plan,
    existing,
    generated: expansion.applications.length + expansion.held.length,
    warnings: [...new Set([...read.warnings, ...expansion.warnings, ...warnings])],
    reasonOf: (document) => explain(document).message,
  });
  return putAnswer(ports.blobs, { report, documents: planDocuments(plan, existing) });
}

async function asEdit({ store }: GeneratePorts, set: StoredSet): Promise<StoredSet> {
  const { name, namespace = '' } = set.metadata;
  const stored = await store.get<StoredSet>({ kind: 'ApplicationSet', namespace, name });
  return stored?.metadata.uid ? { ...set, metadata: { ...set.metadata, uid: stored.metadata.uid } } : unowned(set);
}

/** Nothing belongs to a set that is not stored, whatever its document says. */
function unowned(set: StoredSet): StoredSet {
  return { ...set, metadata: { ...set.metadata, uid: 'not-stored' } };
}

async function applicationsBeside({ store }: GeneratePorts, { metadata }: StoredSet): Promise<Map<string, ResourceDocument>> {
  const all = await listAll(store, 'Application', { namespace: metadata.namespace ?? '' });
  return new Map(all.map((document) => [document.metadata.name, document]));
}

async function planDeletion(
  { store }: GeneratePorts,
  set: StoredSet,
  existing: ReadonlyMap<string, ResourceDocument>,
  now: number,
): Promise<PlannedSet> {
  const { removal, warnings } = await planSetRemoval(store, set, existing, now);
  const { rule, ...rest } = removal;
  const nothing = { create: [], update: [], refused: [], waiting: [], count: 0 };
  const plan: ApplicationPlan = { ...nothing, ...rest, ...(rule ? { holdRule: rule } : {}) };
  const reasonOf = () => `ApplicationSet ${set.metadata.name} is deleted`;
  return { report: describePlan({ set, plan, existing, generated: 0, warnings, reasonOf }), documents: planDocuments(plan, existing) };
}

async function explainer(set: StoredSet, { ports, commits }: SetInputDocuments, expansion: Expansion) {
  return deletionExplainer({
    set,
    expansion,
    clusters: await ports.clusters(),
    commitOf: (repoURL, revision) => commits.get(`${repoURL} ${revision === '' ? DEFAULT_REVISION : revision}`),
  });
}
