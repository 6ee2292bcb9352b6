import type { Condition, GitSource, ResourceDocument } from '@flotilla/contracts';
import { FlotillaError } from '@flotilla/kernel';
import { again, done, type Outcome } from '@flotilla/reconcile';
import type { ResourceKey, ResourceStore } from '@flotilla/resources';
import { currentTraceparent, inSpan, type Logger } from '@flotilla/telemetry';
import { isSameRepository } from '../git/repository-url.js';
import type { Repositories } from '../resolving/repositories.js';
import type { Resolved } from '../resolving/repository.js';

type Source = GitSource & ResourceDocument;

const ACTOR = 'service:renderer';
const PAGE = 500;
/** Repositories asked at once. */
const PARALLEL = 8;
const RETRY_MS = 15_000;

/** Moves GitSources to the newest commit: one conversation per repository, one write per source that moved. */
export class RefreshSources {
  readonly #store: ResourceStore;
  readonly #repositories: Repositories;
  readonly #logger: Logger;
  readonly #now: () => number;

  constructor(store: ResourceStore, repositories: Repositories, logger: Logger, now: () => number) {
    this.#store = store;
    this.#repositories = repositories;
    this.#logger = logger;
    this.#now = now;
  }

  /** Reconciles the key of a GitSource: one without a revision is resolved now. */
  async first(key: ResourceKey): Promise<Outcome> {
    const source = await this.#store.get<Source>(key);
    if (!source || source.status?.revision !== undefined) return done;
    const [resolved] = await this.#refresh([source]);
    return resolved && 'error' in resolved && resolved.error.retry === 'later' ? again(RETRY_MS) : done;
  }

  /** Sources of one repository, in whatever spelling it is named. */
  async following(repoURLs: readonly string[]): Promise<Source[]> {
    return (await this.#list()).filter(({ spec }) => repoURLs.some((repoURL) => isSameRepository(spec.repoURL, repoURL)));
  }

  /**
   * A push was announced: its repository is asked at once; the announcement itself is not believed.
   * @returns false when the server has to be asked again
   */
  async pushed(repoURL: string): Promise<boolean> {
    const resolved = await this.#refreshAll(await this.following([repoURL]));
    return !resolved.some((one) => 'error' in one && one.error.retry === 'later');
  }

  /** Asks the repositories that `isDue` names. */
  async poll(isDue: (repoURL: string) => boolean): Promise<void> {
    await this.#refreshAll((await this.#list()).filter(({ spec }) => isDue(spec.repoURL)));
  }

  async #refreshAll(sources: readonly Source[]): Promise<Resolved[]> {
    const byRepository = groupByRepository(sources);
    const resolved: Resolved[] = [];
    const work = async () => {
      for (let group = byRepository.pop(); group; group = byRepository.pop()) resolved.push(...(await this.#refresh(group)));
    };
    await Promise.all(Array.from({ length: PARALLEL }, work));
    return resolved;
  }

  /** Sources of one repository. */
  async #refresh(sources: readonly Source[]): Promise<Resolved[]> {
    const resolved = await this.#resolve(sources);
    for (const [i, source] of sources.entries()) {
      const { name } = source.metadata;
      try {
        await this.#write(source, resolved[i]!);
      } catch (error) {
        this.#logger.warn('the status of a git source could not be written', { name, error });
      }
    }
    return resolved;
  }

  async #resolve(sources: readonly Source[]): Promise<Resolved[]> {
    try {
      const answers = await this.#repositories.at(sources[0]!.spec.repoURL).refresh(sources.map(({ spec }) => spec.ref));
      return sources.map(({ spec }) => answers.get(spec.ref)!);
    } catch (error) {
      if (!(error instanceof FlotillaError)) throw error;
      return sources.map(() => ({ error }));
    }
  }

  async #write({ metadata }: Source, resolved: Resolved): Promise<void> {
    const key: ResourceKey = { kind: 'GitSource', namespace: '', name: metadata.name };
    const before = await this.#store.get<Source>(key);
    if (!before || before.metadata.uid !== metadata.uid) return;
    const observedAt = new Date(this.#now()).toISOString();
    const conditions = conditionsOf(before.status?.conditions ?? [], resolved, observedAt);
    const moved = 'commit' in resolved && resolved.commit !== before.status?.revision;
    if (!moved && sameConditions(conditions, before.status?.conditions ?? [])) return;
    if (!moved) {
      await this.#save({ ...before, status: { ...before.status, conditions } });
      return;
    }
    await inSpan('git commit seen', { attributes: { 'flotilla.revision': resolved.commit } }, async () => {
      const traceparent = currentTraceparent();
      const status = { ...before.status, revision: resolved.commit, observedAt, conditions, ...(traceparent ? { traceparent } : {}) };
      await this.#save({ ...before, status }, traceparent);
      this.#logger.info('a new commit', { repository: before.spec.repoURL, revision: resolved.commit, name: metadata.name });
    });
  }

  async #save(source: Source, traceparent?: string): Promise<void> {
    await this.#store.transaction({ actor: ACTOR, ...(traceparent ? { traceparent } : {}) }, (tx) => tx.updateStatus(source));
  }

  async #list(): Promise<Source[]> {
    const sources: Source[] = [];
    let page = await this.#store.list<Source>('GitSource', { limit: PAGE });
    for (;;) {
      sources.push(...page.items);
      if (page.continue === undefined) return sources;
      page = await this.#store.list<Source>('GitSource', { limit: PAGE, continue: page.continue });
    }
  }
}

function groupByRepository(sources: readonly Source[]): Source[][] {
  const groups = new Map<string, Source[]>();
  for (const source of sources) groups.set(source.spec.repoURL, [...(groups.get(source.spec.repoURL) ?? []), source]);
  return [...groups.values()];
}

/** `Ready` says whether the last conversation worked; its reason is the error's code. The last revision stays either way. */
function conditionsOf(before: readonly Condition[], resolved: Resolved, now: string): Condition[] {
  const previous = before.find(({ type }) => type === 'Ready');
  const ready =
    'commit' in resolved
      ? { type: 'Ready', status: 'True' as const, reason: 'Fetched', message: 'the newest commit is known' }
      : { type: 'Ready', status: 'False' as const, reason: resolved.error.code, message: resolved.error.message };
  const lastTransitionTime = previous?.status === ready.status ? (previous.lastTransitionTime ?? now) : now;
  return [...before.filter(({ type }) => type !== 'Ready'), { ...ready, lastTransitionTime }];
}

function sameConditions(a: readonly Condition[], b: readonly Condition[]): boolean {
  const text = (conditions: readonly Condition[]) =>
    JSON.stringify(conditions.map(({ type, status, reason, message }) => [type, status, reason, message]));
  return text(a) === text(b);
}
