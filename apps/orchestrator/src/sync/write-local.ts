import { type Admission, type AdmissionContext, admit, describeErrors } from '@flotilla/admission';
import { ARGO_GROUP, CONTROL_NAMESPACE, isProtected, type ResourceDocument } from '@flotilla/contracts';
import { jsonEqual } from '@flotilla/kernel';
import { TRACKING_ANNOTATION, trackingId } from '@flotilla/kube';
import type { ResourceKey, ResourceStore } from '@flotilla/resources';
import type { FleetApplication } from '../fleet/fleet.store.js';
import type { LocalObject } from './local.store.js';

export type PutResult = { object?: LocalObject; isSynced: boolean } | { problem: string };

/** Writes documents of an application into the hub's own store: admitted, under the parent's project, and only what is its own. */
export class WriteLocal {
  readonly #store: ResourceStore;

  constructor(store: ResourceStore) {
    this.#store = store;
  }

  /** @param mayWrite false: compare only */
  async put(parent: FleetApplication, raw: ResourceDocument, mayWrite: boolean): Promise<PutResult> {
    const admission: Admission = admit(raw, { namespace: CONTROL_NAMESPACE } satisfies AdmissionContext);
    if (!admission.document) return { problem: describeErrors(admission.errors) };
    const document = withTracking(admission.document, parent);
    const refused = refusedByProject(parent, document);
    if (refused) return { problem: refused };
    const key = keyOf(document);
    return this.#store.transaction({ actor: `application:${parent.namespace}/${parent.name}` }, async (tx) => {
      const current = await tx.getForUpdate(key);
      const owner = current?.metadata.annotations?.[TRACKING_ANNOTATION];
      if (current && owner !== undefined && owner !== trackingOf(parent, key)) return { problem: `belongs to application ${owner}` };
      const next = current ? merged(current, document) : document;
      const isSynced = current !== undefined && jsonEqual(withoutStatus(current), withoutStatus(next));
      if (isSynced || !mayWrite) return { object: current && objectOf(current), isSynced };
      const written = current ? await tx.update(next) : await tx.create(next);
      return { object: objectOf(written), isSynced: true };
    });
  }

  /** Its document as it is; undefined when it is gone, was replaced by another document of that name, or was taken over: not ours to delete. */
  async look(parent: FleetApplication, object: LocalObject): Promise<ResourceDocument | undefined> {
    return ours(parent, object, await this.#store.get(keyAt(object)));
  }

  /**
   * Deletes it, in the name of whoever released it. A label that protects it and came after it was judged keeps it.
   * @returns what is left of it while finalizers keep it
   */
  async remove(parent: FleetApplication, object: LocalObject, isKnownProtected: boolean): Promise<ResourceDocument | undefined> {
    const key = keyAt(object);
    const actor = object.releasedBy ?? `application:${parent.namespace}/${parent.name}`;
    return this.#store.transaction({ actor }, async (tx) => {
      const current = ours(parent, object, await tx.getForUpdate(key));
      if (!current || current.metadata.deletionTimestamp) return current;
      if (isProtected(current.metadata.labels) && !isKnownProtected) return current;
      await tx.delete(key, { uid: object.uid });
      return tx.get(key);
    });
  }

  /**
   * Takes documents out of an application, as they are: all of them, or none.
   * @returns the first that is deleted already or not its own
   */
  async release(parent: ParentRef, objects: readonly LocalObject[], actor: string): Promise<LocalObject | undefined> {
    return this.#store.transaction({ actor }, async (tx) => {
      const found: ResourceDocument[] = [];
      for (const object of [...objects].sort(inOrder)) {
        const current = ours(parent, object, await tx.getForUpdate(keyAt(object)));
        if (!current || current.metadata.deletionTimestamp) return object;
        found.push(current);
      }
      for (const document of found) {
        const { [TRACKING_ANNOTATION]: _tracking, ...annotations } = document.metadata.annotations ?? {};
        await tx.update({ ...document, metadata: { ...document.metadata, annotations } });
      }
      return undefined;
    });
  }
}

type ParentRef = Pick<FleetApplication, 'namespace' | 'name'>;

/** The same for everybody, so that two transactions never wait for each other's rows. */
const inOrder = (a: LocalObject, b: LocalObject): number =>
  a.kind.localeCompare(b.kind) || a.namespace.localeCompare(b.namespace) || a.name.localeCompare(b.name);

const keyAt = ({ kind, namespace, name }: LocalObject): ResourceKey => ({ kind, namespace, name });

function ours(parent: ParentRef, object: LocalObject, current: ResourceDocument | undefined): ResourceDocument | undefined {
  const isOurs =
    current?.metadata.uid === object.uid && current.metadata.annotations?.[TRACKING_ANNOTATION] === trackingOf(parent, keyAt(object));
  return isOurs ? current : undefined;
}

const trackingOf = (parent: ParentRef, { kind, namespace, name }: ResourceKey): string =>
  trackingId(parent, { group: ARGO_GROUP, kind, namespace, name });
const keyOf = ({ kind, metadata }: ResourceDocument): ResourceKey => ({ kind, namespace: metadata.namespace ?? '', name: metadata.name });

function withTracking(document: ResourceDocument, parent: FleetApplication): ResourceDocument {
  const { metadata } = document;
  return {
    ...document,
    metadata: { ...metadata, annotations: { ...metadata.annotations, [TRACKING_ANNOTATION]: trackingOf(parent, keyOf(document)) } },
  };
}

/** A tenant's application may not widen its own rights: outside project `default` its children stay in its project. */
function refusedByProject(parent: FleetApplication, document: ResourceDocument): string | undefined {
  const { project } = parent.document.spec;
  if (project === 'default') return undefined;
  if (document.kind === 'AppProject') return `an application of project ${project} may not write AppProjects`;
  const spec = document.spec as { project?: string; template?: { spec?: { project?: string } } } | undefined;
  const wanted = document.kind === 'ApplicationSet' ? spec?.template?.spec?.project : spec?.project;
  return wanted === project ? undefined : `its project ${wanted ?? '(none)'} is not the parent's project ${project}`;
}

/** The source's fields win; what the hub itself keeps on the document stays. */
function merged(current: ResourceDocument, wanted: ResourceDocument): ResourceDocument {
  const { metadata } = current;
  const finalizers = [...new Set([...(metadata.finalizers ?? []), ...(wanted.metadata.finalizers ?? [])])];
  return {
    ...wanted,
    metadata: {
      ...metadata,
      labels: { ...metadata.labels, ...wanted.metadata.labels },
      annotations: { ...metadata.annotations, ...wanted.metadata.annotations },
      ...(finalizers.length > 0 ? { finalizers } : {}),
    },
  };
}

function withoutStatus({ status: _status, ...document }: ResourceDocument): unknown {
  const { labels, annotations, ...metadata } = document.metadata;
  return { ...document, metadata: { ...metadata, labels: labels ?? {}, annotations: annotations ?? {} } };
}

const objectOf = ({ kind, metadata }: ResourceDocument): LocalObject => ({
  kind,
  namespace: metadata.namespace ?? '',
  name: metadata.name,
  uid: metadata.uid ?? '',
});
