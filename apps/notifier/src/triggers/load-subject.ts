import type { SubjectKind } from '@flotilla/admission';
import {
  type Application,
  type ApplicationSet,
  type Cluster,
  CONTROL_NAMESPACE,
  type FleetRollout,
  type ResourceDocument,
} from '@flotilla/contracts';
import type { ResourceKey, ResourceStore } from '@flotilla/resources';
import type { Subject } from './subject.js';

/** Reads documents once per page: thousands of changes share a few projects. */
export class SubjectLoader {
  readonly #store: Pick<ResourceStore, 'get'>;
  readonly #known = new Map<string, Promise<ResourceDocument | undefined>>();

  constructor(store: Pick<ResourceStore, 'get'>) {
    this.#store = store;
  }

  async load(kind: SubjectKind, document: ResourceDocument, rest: { resourceVersion: string; isDeleted: boolean }): Promise<Subject> {
    const owner = kind === 'FleetRollout' ? await this.#owner(document as FleetRollout) : undefined;
    const projectName = projectOf(kind, document, owner);
    const namespace = document.metadata.namespace ?? CONTROL_NAMESPACE;
    const project = projectName === undefined ? undefined : await this.#project(projectName, namespace);
    const release =
      kind === 'FleetRollout' ? await this.#get({ kind: 'Release', namespace, name: (document as FleetRollout).spec.release }) : undefined;
    return { kind, document, ...rest, ...(owner ? { owner } : {}), ...(project ? { project } : {}), ...(release ? { release } : {}) };
  }

  #owner({ spec: { owner } }: FleetRollout): Promise<ResourceDocument | undefined> {
    return this.#get({ kind: owner.kind, namespace: owner.namespace, name: owner.name });
  }

  /** Projects live in the control namespace; one beside the document is taken where there is none. */
  async #project(name: string, namespace: string): Promise<ResourceDocument | undefined> {
    return (
      (await this.#get({ kind: 'AppProject', namespace: CONTROL_NAMESPACE, name })) ??
      (namespace === CONTROL_NAMESPACE ? undefined : this.#get({ kind: 'AppProject', namespace, name }))
    );
  }

  #get(key: ResourceKey): Promise<ResourceDocument | undefined> {
    const text = `${key.kind}/${key.namespace}/${key.name}`;
    const known = this.#known.get(text) ?? this.#store.get(key);
    this.#known.set(text, known);
    return known;
  }
}

function projectOf(kind: SubjectKind, document: ResourceDocument, owner: ResourceDocument | undefined): string | undefined {
  if (kind === 'Application') return (document as Application).spec.project;
  if (kind === 'Cluster') return (document as Cluster).spec.project;
  if (owner?.kind === 'Application') return (owner as Application).spec.project;
  const project = (owner as ApplicationSet | undefined)?.spec.template.spec?.project;
  return typeof project === 'string' ? project : undefined;
}
