import type { RenderReply } from '@flotilla/contracts';
import { PathTrie } from './path-trie.js';

export type RenderedAnswer = Extract<RenderReply['items'][number], { bundle: string }>;

/** Where a source was read: the repository by its address, and the commit. */
export interface SourceAt {
  href: string;
  commit: string;
}

/** What is asked about two commits of a repository. */
export interface CommitComparison {
  /** Undefined when nobody can say, for example because the older commit is gone. */
  changedPaths(from: string, to: string): Promise<readonly string[] | undefined>;
}

export interface KeptRender {
  uid: string;
  /** Digest of everything but the commits that the render depends on. */
  inputs: string;
  sources: readonly SourceAt[];
  reads: readonly { href: string; path: string }[];
  answer: RenderedAnswer;
}

interface Kept extends KeptRender {
  /** Raised by each render that is kept. */
  sequence: number;
  until: number;
}

interface Change {
  touched: ReadonlySet<Kept>;
  /** What was kept later is not judged by it. */
  sequence: number;
}

/**
 * After this time a render is looked up again, which marks its blobs as used: far below the day for which the blob store keeps
 * what nobody uses.
 */
const KEEP_MS = 6 * 3_600_000;
/** Applications whose last render is known, at about a kilobyte each. The others go through their render key. */
const MAX_KEPT = 50_000;
/** Pairs of commits whose touched applications are known. */
const MAX_CHANGES = 64;

/**
 * The last render of each application with the paths it read: at a new commit, an application none of whose paths was touched
 * keeps its bundle. Which ones were is one comparison of two commits, however many applications ask. In doubt an application is
 * looked at: when the older commit is gone, when anything else about it changed, after a restart.
 */
export class KeptRenders {
  readonly #now: () => number;
  readonly #kept = new Map<string, Kept>();
  readonly #paths = new Map<string, PathTrie<Kept>>();
  readonly #changes = new Map<string, Promise<Change | undefined>>();
  #sequence = 0;

  constructor(now: () => number) {
    this.#now = now;
  }

  keep(render: KeptRender): void {
    this.#drop(render.uid);
    const kept = { ...render, sequence: ++this.#sequence, until: this.#now() + KEEP_MS };
    this.#kept.set(render.uid, kept);
    for (const { href, path } of render.reads) this.#trieOf(href).add(path, kept);
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= MAX_KEPT) break;
      this.#drop(oldest);
    }
  }

  /** The answer of the last render, if the same sources at these commits give it too. */
  async find(
    uid: string,
    inputs: string,
    sources: readonly (SourceAt & { comparison: CommitComparison })[],
  ): Promise<RenderedAnswer | undefined> {
    const kept = this.#kept.get(uid);
    if (!kept || kept.inputs !== inputs || kept.until <= this.#now() || kept.sources.length !== sources.length) return undefined;
    const before = kept.sources;
    for (const [i, { href, commit, comparison }] of sources.entries()) {
      if (before[i]!.href !== href) return undefined;
      if (before[i]!.commit === commit) continue;
      const change = await this.#change(href, comparison, before[i]!.commit, commit);
      if (!change || kept.sequence > change.sequence || change.touched.has(kept)) return undefined;
    }
    if (this.#kept.get(uid) !== kept) return undefined;
    kept.sources = sources.map(({ href, commit }) => ({ href, commit }));
    return kept.answer;
  }

  /** Applications with a kept render that what lies between two commits concerns; undefined when nobody can say. */
  async touched(href: string, comparison: CommitComparison, from: string, to: string): Promise<string[] | undefined> {
    const change = await this.#change(href, comparison, from, to);
    return change && [...change.touched].map(({ uid }) => uid);
  }

  #change(href: string, comparison: CommitComparison, from: string, to: string): Promise<Change | undefined> {
    const key = `${href} ${from} ${to}`;
    const known = this.#changes.get(key);
    if (known) return known;
    const change = this.#compare(href, comparison, from, to);
    this.#changes.set(key, change);
    const forget = (): void => void (this.#changes.get(key) === change && this.#changes.delete(key));
    change.then((found) => found ?? forget(), forget);
    for (const oldest of this.#changes.keys()) {
      if (this.#changes.size <= MAX_CHANGES) break;
      this.#changes.delete(oldest);
    }
    return change;
  }

  async #compare(href: string, comparison: CommitComparison, from: string, to: string): Promise<Change | undefined> {
    const changed = await comparison.changedPaths(from, to);
    return changed && { touched: this.#trieOf(href).touchedBy(changed), sequence: this.#sequence };
  }

  #trieOf(href: string): PathTrie<Kept> {
    const trie = this.#paths.get(href) ?? new PathTrie<Kept>();
    this.#paths.set(href, trie);
    return trie;
  }

  #drop(uid: string): void {
    const kept = this.#kept.get(uid);
    if (!kept) return;
    this.#kept.delete(uid);
    for (const { href, path } of kept.reads) {
      const trie = this.#paths.get(href);
      trie?.delete(path, kept);
      if (trie?.isEmpty) this.#paths.delete(href);
    }
  }
}
