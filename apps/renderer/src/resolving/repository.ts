import type { FlotillaError } from '@flotilla/kernel';
import { RefMissingError } from '../git/git.errors.js';
import type { GitSetup } from '../git/git-environment.js';
import type { GitMirror } from '../git/git-mirror.js';
import { isRefName, matchRef, type RemoteRefs, type WantedRef } from '../git/remote-refs.js';

export type Resolved = { commit: string } | { error: FlotillaError };

interface Round {
  refs: Set<string>;
  done: Promise<Map<string, Resolved>>;
}

/**
 * One repository of the fleet: at most one conversation with its server at a time. Whoever asks while one runs joins the next,
 * so a storm of hints costs two.
 */
export class Repository {
  readonly href: string;
  readonly mirror: GitMirror;
  readonly #setup: () => Promise<GitSetup>;
  /** Newest known commit per ref, as of the last conversation. */
  readonly #known = new Map<string, string>();
  #running: Promise<unknown> = Promise.resolve();
  #next: Round | undefined;

  constructor(href: string, mirror: GitMirror, setup: () => Promise<GitSetup>) {
    this.href = href;
    this.mirror = mirror;
    this.#setup = setup;
  }

  /** The newest known commits; only refs never seen are asked for. */
  async resolve(refs: readonly string[]): Promise<Map<string, Resolved>> {
    const unknown = refs.filter((ref) => !this.#known.has(ref));
    const fresh = unknown.length > 0 ? await this.refresh(unknown) : new Map<string, Resolved>();
    return new Map(refs.map((ref) => [ref, fresh.get(ref) ?? { commit: this.#known.get(ref)! }]));
  }

  /** Asks the server now and fetches what is new: one listing and at most one fetch for all refs together. */
  refresh(refs: readonly string[]): Promise<Map<string, Resolved>> {
    if (!this.#next) {
      const round: Round = { refs: new Set(), done: Promise.resolve(new Map()) };
      round.done = this.#running.then(() => {
        this.#next = undefined;
        return this.#converse([...round.refs]);
      });
      this.#running = round.done.catch(() => undefined);
      this.#next = round;
    }
    for (const ref of refs) this.#next.refs.add(ref);
    return this.#next.done;
  }

  /** Makes sure that a pinned commit is in the mirror. @throws RefMissingError */
  async ensure(commit: string): Promise<void> {
    if (/^[0-9a-f]{40,64}$/.test(commit) && (await this.mirror.has(commit))) return;
    const resolved = (await this.refresh([commit])).get(commit);
    if (resolved && 'error' in resolved) throw resolved.error;
  }

  async #converse(refs: readonly string[]): Promise<Map<string, Resolved>> {
    const setup = await this.#setup();
    const remote = await this.mirror.remoteRefs(this.href, setup);
    const wanted = new Map(refs.map((ref) => [ref, isRefName(ref) ? matchRef(remote, ref) : undefined]));
    const refsToFetch = new Set<string>();
    for (const want of wanted.values()) {
      if (want && 'ref' in want && (await this.mirror.commit(want.ref)) !== want.object) refsToFetch.add(want.ref);
    }
    if (refsToFetch.size > 0) await this.mirror.fetch(this.href, setup, [...refsToFetch]);
    await this.#fetchCommits([...wanted.values()], remote, setup);
    const resolved = new Map<string, Resolved>();
    for (const [ref, want] of wanted) resolved.set(ref, await this.#settle(ref, want));
    return resolved;
  }

  /** Commits named by documents that no fetched ref leads to: by name where the server permits it, else with everything. */
  async #fetchCommits(wanted: readonly (WantedRef | undefined)[], remote: RemoteRefs, setup: GitSetup): Promise<void> {
    let all = false;
    for (const want of wanted) {
      if (!want || 'ref' in want) continue;
      if (await this.mirror.commit('commit' in want ? want.commit : want.prefix)) continue;
      if ('commit' in want) await this.mirror.fetch(this.href, setup, [want.commit]).catch(() => (all = true));
      else all = true;
    }
    if (!all) return;
    const refs = [...remote.refs.keys()].filter((name) => name.startsWith('refs/heads/') || name.startsWith('refs/tags/'));
    if (refs.length > 0) await this.mirror.fetch(this.href, setup, refs);
  }

  async #settle(ref: string, want: WantedRef | undefined): Promise<Resolved> {
    const name = want && ('ref' in want ? want.ref : 'commit' in want ? want.commit : want.prefix);
    const commit = name === undefined ? undefined : await this.mirror.commit(name);
    if (commit !== undefined) {
      this.#known.set(ref, commit);
      return { commit };
    }
    this.#known.delete(ref);
    const message = `${this.mirror.repository} has no branch, tag or commit ${JSON.stringify(ref.slice(0, 250))}; check targetRevision`;
    return { error: new RefMissingError(message, { repository: this.mirror.repository, ref }) };
  }
}
