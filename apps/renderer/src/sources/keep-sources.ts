import type { Application, ApplicationSet, GitSource, ResourceDocument } from '@flotilla/contracts';
import { done, type Outcome } from '@flotilla/reconcile';
import { AlreadyExistsError, type ResourceKey, type ResourceStore } from '@flotilla/resources';
import { gitSourceName, refsOfApplication, refsOfApplicationSet, type SourceRef } from './collect-refs.js';

const ACTOR = 'service:renderer';
const PAGE = 500;
/** Pairs remembered as existing, so that ten thousand applications of one repository read its source once. */
const MAX_REMEMBERED = 20_000;
/** A source that nobody uses stays so long: a set that is rewritten does not lose its revision. */
const UNUSED_GRACE_MS = 10 * 60_000;

/** Keeps one GitSource per pair in use: made when a document first names it, removed when a complete look finds no user. */
export class KeepSources {
  readonly #store: ResourceStore;
  readonly #now: () => number;
  readonly #remembered = new Set<string>();
  readonly #unusedSince = new Map<string, number>();

  constructor(store: ResourceStore, now: () => number) {
    this.#store = store;
    this.#now = now;
  }

  /** Reconciles the key of an Application or ApplicationSet. */
  async keep(key: ResourceKey): Promise<Outcome> {
    const document = await this.#store.get<ResourceDocument>(key);
    for (const ref of document ? refsOf(document) : []) await this.#ensure(ref);
    return done;
  }

  /** Removes sources without a user. Any error on the way ends it before something is removed. */
  async dropUnused(): Promise<number> {
    const used = new Set<string>();
    for (const kind of ['Application', 'ApplicationSet']) {
      for await (const document of this.#all(kind)) for (const ref of refsOf(document)) used.add(gitSourceName(ref));
    }
    const unused: GitSource[] = [];
    for await (const source of this.#all<GitSource & ResourceDocument>('GitSource')) {
      const { name } = source.metadata;
      if (used.has(name)) this.#unusedSince.delete(name);
      else if (this.#now() - this.#since(name) >= UNUSED_GRACE_MS) unused.push(source);
    }
    for (const { metadata } of unused) {
      await this.#store.transaction({ actor: ACTOR }, (tx) => tx.delete({ kind: 'GitSource', namespace: '', name: metadata.name }));
      this.#remembered.delete(metadata.name);
      this.#unusedSince.delete(metadata.name);
    }
    return unused.length;
  }

  #since(name: string): number {
    const since = this.#unusedSince.get(name) ?? this.#now();
    this.#unusedSince.set(name, since);
    return since;
  }

  async #ensure(ref: SourceRef): Promise<void> {
    const name = gitSourceName(ref);
    this.#unusedSince.delete(name);
    if (this.#remembered.has(name)) return;
    if (!(await this.#store.get({ kind: 'GitSource', namespace: '', name }))) await this.#create(name, ref);
    if (this.#remembered.size >= MAX_REMEMBERED) this.#remembered.clear();
    this.#remembered.add(name);
  }

  async #create(name: string, { repoURL, ref }: SourceRef): Promise<void> {
    const document = { apiVersion: 'flotilla.dev/v1alpha1', kind: 'GitSource', metadata: { name }, spec: { repoURL, ref } } as const;
    try {
      await this.#store.transaction({ actor: ACTOR }, (tx) => tx.create(document as ResourceDocument));
    } catch (error) {
      // Another copy was first; the source is there, which is what was wanted.
      if (!(error instanceof AlreadyExistsError)) throw error;
    }
  }

  async *#all<T extends ResourceDocument>(kind: string): AsyncGenerator<T> {
    let page = await this.#store.list<T>(kind, { limit: PAGE });
    for (;;) {
      yield* page.items;
      if (page.continue === undefined) return;
      page = await this.#store.list<T>(kind, { limit: PAGE, continue: page.continue });
    }
  }
}

function refsOf(document: ResourceDocument): SourceRef[] {
  if (document.kind === 'Application') return refsOfApplication(document as unknown as Application);
  if (document.kind === 'ApplicationSet') return refsOfApplicationSet(document as unknown as ApplicationSet);
  return [];
}
