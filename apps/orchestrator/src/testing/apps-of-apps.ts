import type { Application, ResourceDocument } from '@flotilla/contracts';
import { OrchestratorUnderTest } from './orchestrator-under-test.js';
import { applicationOf } from './test-documents.js';

const PRUNING = { syncPolicy: { automated: { prune: true } } };
const key = (name: string, kind = 'Application') => ({ kind, namespace: 'argocd', name });

/** They go to a cluster nobody knows: what becomes of them there does not matter. */
export const childrenOf = (parent: string, count: number): ResourceDocument[] =>
  Array.from({ length: count }, (_, place) => applicationOf(`${parent}-${place}`, 'nowhere'));

/** An orchestrator with applications whose sources are documents for the hub's own store. */
export class AppsOfApps {
  readonly hub: OrchestratorUnderTest;
  /** Documents that an application's source has. */
  readonly sources = new Map<string, readonly ResourceDocument[]>();
  #revision = 0;

  private constructor(hub: OrchestratorUnderTest) {
    this.hub = hub;
    hub.content = (name) => [...(this.sources.get(name) ?? [{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name } }])];
  }

  static async start(): Promise<AppsOfApps> {
    return new AppsOfApps(await OrchestratorUnderTest.start());
  }

  async push(parent: string, documents: readonly ResourceDocument[]): Promise<void> {
    this.sources.set(parent, documents);
    await this.hub.commit(`c${++this.#revision}`);
    await this.hub.settle();
  }

  /** One that takes its children along when it is deleted; without a spec it syncs and prunes by itself. */
  parent(name: string, { spec = PRUNING, annotations = {} }: { spec?: object; annotations?: object } = {}): ResourceDocument {
    return applicationOf(name, 'in-cluster', { metadata: { finalizers: ['resources-finalizer.argocd.argoproj.io'], annotations }, spec });
  }

  async root(name: string, documents: readonly ResourceDocument[], more: { spec?: object; annotations?: object } = {}): Promise<void> {
    this.sources.set(name, documents);
    await this.hub.apply(this.parent(name, more));
    await this.push(name, documents);
  }

  async drop(name: string, kind?: string): Promise<void> {
    await this.hub.store.transaction({ actor: 'test' }, (tx) => tx.delete(key(name, kind)));
    await this.hub.settle();
  }

  async edit(name: string, change: (document: ResourceDocument) => void, kind?: string): Promise<void> {
    await this.hub.store.transaction({ actor: 'test' }, async (tx) => {
      const document = (await tx.getForUpdate<ResourceDocument>(key(name, kind)))!;
      change(document);
      await tx.update(document);
    });
    await this.hub.settle();
  }

  annotate(name: string, annotations: Record<string, string>): Promise<void> {
    return this.edit(name, ({ metadata }) => {
      metadata.annotations = { ...metadata.annotations, ...annotations };
    });
  }

  async confirm(name: string, ...names: string[]): Promise<{ message: string }> {
    const reply = await this.hub.uses.confirmDeletion({ namespace: 'argocd', name, names, actor: 'ann' });
    await this.hub.settle();
    return reply;
  }

  async restore(name: string, ...names: string[]): Promise<{ message: string }> {
    const reply = await this.hub.uses.restore({ namespace: 'argocd', name, names, actor: 'ann' });
    await this.hub.settle();
    return reply;
  }

  async condition(name: string, type: string): Promise<string | undefined> {
    return (await this.hub.application('argocd', name))?.status?.conditions?.find((one) => one.type === type)?.message;
  }

  /** Names of those that are stored and not deleted. */
  async those(documents: readonly ResourceDocument[]): Promise<string[]> {
    const stored = await Promise.all(
      documents.map(({ metadata, kind }) => this.hub.store.get<Application & ResourceDocument>(key(metadata.name, kind))),
    );
    return stored.flatMap((document) => (document && !document.metadata.deletionTimestamp ? [document.metadata.name] : []));
  }
}
